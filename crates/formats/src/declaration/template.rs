//! A first `vauban.toml` out of what discovery found.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetKind};

/// A commented declaration: one system for every top-level folder with assets, and tests for the ONNX models.
///
/// What only a person can know is left as a comment. The text parses without a problem.
pub fn template(organisation: &str, assets: &[Asset]) -> String {
    let mut out = String::from(
        "# What the organisation says about its own ML systems. Everything here is a statement by a person;\n\
         # reviews put it to the test. The reference explains every key.\n\n",
    );
    out.push_str(&format!("[organisation]\nname = {}\ncurrency = \"EUR\"\n", quoted(organisation)));
    let mut folders: BTreeMap<&str, BTreeMap<AssetKind, usize>> = BTreeMap::new();
    for asset in assets.iter().filter(|asset| asset.kind != AssetKind::Package) {
        let Some(path) = asset.locators.first().map(|locator| locator.path.as_str()) else { continue };
        let folder = path.split_once('/').map_or(".", |(folder, _)| folder);
        *folders.entry(folder).or_default().entry(asset.kind).or_default() += 1;
    }
    for (folder, kinds) in &folders {
        let found: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let (name, pattern) =
            if *folder == "." { (organisation, "*".to_owned()) } else { (*folder, format!("{folder}/**")) };
        out.push_str(&format!(
            "\n# Found here: {}.\n[[system]]\nname = {}\nowner = \"\"\ncriticality = \"medium\" # low, medium, high, critical\n\
             purpose = \"\"\nassets = [{}]\nexposure = \"internal\" # local, internal, partner, internet\ndata = [] # \"personal\", \"health\"\n\
             # Loss per event, a range you are 90 % sure of; also integrity, availability, safety, compliance.\n\
             # [system.losses.confidentiality]\n# low = 1000\n# high = 50000\n",
            found.join(", "),
            quoted(name),
            quoted(&pattern),
        ));
    }
    out.push_str(
        "\n# A control that someone says is in place; `vauban explain` lists the controls.\n# [[claim]]\n\
         # control = \"rate-limit\"\n# applies_to = [\"a system\"]\n# owner = \"\"\n# date = 2026-01-31\n# statement = \"\"\n\
         \n# Data that crosses a trust boundary; `outside` is the world.\n# [[flow]]\n# from = \"outside\"\n# to = \"endpoint:name\"\n\
         # data = [\"personal\"]\n# boundary = \"internet\"\n\
         \n# A third party, and when it was last assessed.\n# [[vendor]]\n# name = \"\"\n# supplies = \"\"\n# assets = []\n# assessed = 2026-01-31\n\
         \n# The accepted chance of losing more than this in a year.\n# [[appetite]]\n# loss = 100000\n# probability = 0.1\n\
         \n[review]\nevery_days = 90\nhalf_life_days = 90\n",
    );
    let models: Vec<&str> = assets
        .iter()
        .filter(|asset| asset.kind == AssetKind::Model && asset.name.ends_with(".onnx"))
        .map(|asset| asset.name.as_str())
        .collect();
    if !models.is_empty() {
        out.push_str(
            "\n# Permission to attack a model, and what with. Only models named here are attacked.\n",
        );
        for model in models {
            out.push_str(&format!(
                "# [[test]]\n# model = {}\n# inputs = \"test_x.npy\"\n# labels = \"test_y.npy\"\n# eps = 0.1\n",
                quoted(model)
            ));
        }
    }
    out
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
