//! A firewall lets the whole internet reach ports that ML servers listen on.

use vauban_domain::rule;
use vauban_formats::cloud::Placed;
use vauban_formats::yaml::Node;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A firewall lets the whole internet reach ports that ML servers listen on.
    pub const RULE: "network-open-to-world" {
        family: Access,
        severity: High,
        title: "port of an ML server is open to the world",
        why: "notebooks, trackers and model servers on these ports seldom ask who is there, and many run whatever they are sent",
        remedy: "let only your own networks in, and put a gateway with authentication in front",
        techniques: ["AML.T0049@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0032@2026.09"],
        weaknesses: ["CWE-284", "CWE-668"],
        owasp: ["LLM03:2025", "ASI03:2026"],
        threats: ["L4.6@2025-02", "L4.5@2025-02"],
        source: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Ports and what listens there.
const PORTS: &[(i64, &str)] = &[
    (4000, "LiteLLM"),
    (5000, "MLflow"),
    (6006, "TensorBoard"),
    (6333, "Qdrant"),
    (6334, "Qdrant"),
    (7860, "Gradio"),
    (8000, "vLLM, Triton or Chroma"),
    (8001, "Triton"),
    (8080, "TorchServe, TGI or KServe"),
    (8081, "TorchServe's management"),
    (8265, "Ray"),
    (8501, "TensorFlow Serving"),
    (8787, "Dask"),
    (8888, "Jupyter"),
    (9200, "OpenSearch"),
    (10001, "Ray"),
    (11434, "Ollama"),
    (19530, "Milvus"),
];

const KINDS: &[&str] = &[
    "aws_default_security_group",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "azurerm_network_security_rule",
    "google_compute_firewall",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(KINDS) {
        let said = match open(it) {
            None => Verdict::Right,
            Some((line, what)) => Verdict::Wrong {
                place: place(it, line),
                what: what.clone(),
                message: format!("`{}` lets everyone reach {what}", it.name),
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}

/// What everyone can reach, and where that is written.
fn open(it: &Placed<'_>) -> Option<(u32, String)> {
    match it.kind.as_str() {
        "aws_security_group" | "aws_default_security_group" => {
            it.blocks("ingress").into_iter().find_map(rule)
        }
        "aws_security_group_rule" if it.text("type") != Some("ingress") => None,
        "google_compute_firewall" => {
            let inward =
                !matches!(it.text("direction"), Some("EGRESS")) && it.is_on("disabled", false) != Some(true);
            let sources = it.field("source_ranges");
            if !inward || !is_world(sources) {
                return None;
            }
            it.blocks("allow").into_iter().find_map(|allow| {
                let ports = allow.get("ports");
                if ports.is_null() {
                    return matches!(allow.get("protocol").text(), Some("all" | "tcp"))
                        .then(|| (allow.line, "every port".to_owned()));
                }
                ports.one_or_many().iter().find_map(|port| Some((port.line, listener(range(port.text()?)?)?)))
            })
        }
        "azurerm_network_security_rule" => {
            let inward = it.text("direction") == Some("Inbound") && it.text("access") == Some("Allow");
            let world = ["source_address_prefix", "source_address_prefixes"]
                .iter()
                .any(|key| is_world(it.field(key)));
            if !inward || !world {
                return None;
            }
            ["destination_port_range", "destination_port_ranges"]
                .iter()
                .flat_map(|key| it.field(key).one_or_many())
                .find_map(|port| Some((port.line, listener(range(port.text()?)?)?)))
        }
        _ => rule(&it.body),
    }
}

/// A rule of a security group.
fn rule(node: &Node) -> Option<(u32, String)> {
    let keys = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"];
    let world = keys.iter().map(|key| node.get(key)).find(|ranges| is_world(ranges))?;
    let protocol = ["protocol", "ip_protocol"].iter().find_map(|key| node.get(key).text());
    if matches!(protocol, Some("-1" | "all")) {
        return Some((world.line, "every port".to_owned()));
    }
    if matches!(protocol, Some("icmp" | "icmpv6" | "udp" | "17" | "1")) {
        return None;
    }
    let (from, to) = (node.get("from_port").integer()?, node.get("to_port").integer()?);
    Some((world.line, listener((from, to))?))
}

fn is_world(ranges: &Node) -> bool {
    ranges
        .one_or_many()
        .iter()
        .any(|range| matches!(range.text(), Some("0.0.0.0/0" | "::/0" | "*" | "Internet" | "Any")))
}

fn range(text: &str) -> Option<(i64, i64)> {
    if text == "*" {
        return Some((0, 65_535));
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

/// What listens in a range of ports.
fn listener((from, to): (i64, i64)) -> Option<String> {
    if from <= 1 && to >= 65_535 {
        return Some("every port".to_owned());
    }
    let (port, what) = PORTS.iter().find(|(port, _)| (from..=to).contains(port))?;
    Some(format!("port {port} ({what})"))
}
