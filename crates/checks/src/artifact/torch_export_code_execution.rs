//! Exported programs that name more than operators, or carry native code.

use vauban_domain::{Evidence, rule};
use vauban_formats::torch::{Kind, Role, Torch};

use super::torchscript::is_known_namespace;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The exported program names what runs code, or carries native code.
    pub const RULE: "torch-export-code-execution" {
        family: Artifact,
        severity: High,
        title: "the exported program names what runs code, or carries native code",
        why: "the loader walks from `torch` to whatever a node names, evaluates shapes as expressions, and loads shared libraries out of the archive",
        remedy: "do not load it; export the program yourself from weights that hold no code",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "torch.export.load, torch._inductor.aoti_load_package",
        source: "PyTorch `torch/_export/serde/serialize.py`, `deserialize_operator`, `_parse_sym_expr`",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Torch(check) };

/// Functions of `torch` and `math` that stand for calculations on sizes.
const SIZES: &[&str] =
    &["sym_float", "sym_int", "sym_ite", "sym_max", "sym_min", "sym_not", "sym_sqrt", "sym_sum", "_sym_sqrt"];

fn check(subject: &Subject<'_, Torch>, report: &mut Report) {
    let torch = subject.facts;
    if torch.kind != Kind::Exported {
        return;
    }
    let mut tell = |key: &str, message: String, excerpt: &str| {
        let excerpt: String = excerpt.chars().take(400).collect();
        report.find(&subject.asset.id, message, vec![Evidence::new(subject.locator.clone(), key, excerpt)]);
    };
    for mention in &torch.exported {
        let shown: String = mention.text.chars().take(80).collect();
        let shown = shown.escape_debug();
        match mention.role {
            Role::Target if !is_operator(&mention.text) => {
                tell(
                    "target",
                    format!("a node calls `{shown}`, which is no operator of PyTorch"),
                    &mention.text,
                );
            }
            Role::Expression if !is_calculation(&mention.text) => {
                tell(
                    "expression",
                    format!("`{shown}` is evaluated as an expression and is no calculation"),
                    &mention.text,
                );
            }
            _ => {}
        }
    }
    if let Some(first) = torch.native.first() {
        let message =
            format!("{} members are native code, `{}` first", torch.native.len(), first.escape_debug());
        tell("native code", message, &torch.native.join("\n"));
    }
}

fn is_operator(target: &str) -> bool {
    let plain = target.chars().all(|char| char.is_alphanumeric() || "_.".contains(char));
    let parts: Vec<&str> = target.split('.').collect();
    plain
        && !target.contains("__import__")
        && match parts.as_slice() {
            ["torch", "ops", namespace, ..] => is_known_namespace(namespace),
            ["torch", "sym", ..] => true,
            ["torch", name] => SIZES.contains(name),
            ["torch", "_higher_order_ops" | "fx", ..] => {
                !parts.iter().any(|part| matches!(*part, "os" | "sys" | "subprocess"))
            }
            ["_operator" | "operator", name] => !matches!(*name, "call" | "attrgetter" | "methodcaller"),
            ["math", _] => true,
            // The input, the output and attributes of a graph have no dots.
            [_] => true,
            _ => false,
        }
}

fn is_calculation(expression: &str) -> bool {
    let plain =
        expression.chars().all(|char| char.is_alphanumeric() || "_+-*/%(),. <>=!&|~^\n".contains(char));
    plain
        && !["__", "import", "lambda", "eval", "exec", "open", "getattr", "system"]
            .iter()
            .any(|word| expression.contains(word))
}
