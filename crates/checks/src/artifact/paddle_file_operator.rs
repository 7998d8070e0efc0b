//! PaddlePaddle programs that read or write files, or open connections.

use vauban_domain::{Evidence, rule};
use vauban_formats::paddle::Paddle;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The program reads or writes files, or opens connections.
    pub const RULE: "paddle-file-operator" {
        family: Artifact,
        severity: High,
        title: "the program reads or writes files, or opens connections",
        why: "operators open paths and addresses by themselves, with the rights of the process",
        remedy: "do not run it; ask for a program for inference alone",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-918"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileWrite,
        when: FirstUse,
        loaders: "paddle.static.load_inference_model",
        source: "paddle/fluid/operators and python/paddle/static/io.py",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Paddle(check) };

/// Operators and what they do.
const OPERATORS: &[(&str, &str)] = &[
    ("checkpoint_notify", "sends to another machine"),
    ("create_ctr_reader", "reads files"),
    ("distributed_notify", "sends to another machine"),
    ("fl_listen_and_serv", "opens a port"),
    ("gen_nccl_id", "opens a port"),
    ("heter_listen_and_serv", "opens a port"),
    ("listen_and_serv", "opens a port"),
    ("load", "reads a file"),
    ("load_combine", "reads a file"),
    ("open_files", "reads files"),
    ("prefetch", "connects to another machine"),
    ("read_file", "reads a file"),
    ("recv", "connects to another machine"),
    ("save", "writes a file"),
    ("save_combine", "writes a file"),
    ("send", "sends to another machine"),
    ("send_and_recv", "sends to another machine"),
    ("sparse_tensor_load", "reads a file"),
];

fn check(subject: &Subject<'_, Paddle>, report: &mut Report) {
    for operator in &subject.facts.operators {
        let Some((_, what)) = OPERATORS.iter().find(|(name, _)| *name == operator.name) else { continue };
        let texts: Vec<String> =
            operator.texts.iter().take(4).map(|(key, text)| format!("{key} = {text:?}")).collect();
        let shown = texts.join(", ").chars().take(300).collect::<String>();
        let message = format!("`{}` {what} ({shown})", operator.name);
        let evidence = Evidence::new(
            subject.locator.clone(),
            operator.name.clone(),
            format!("{}({shown})", operator.name),
        );
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
