use super::*;
use crate::Budget;

/// Writes items of version 2 in XDR.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn new() -> Self {
        Self(b"X\n\0\0\0\x02\0\x04\x03\x01\0\x02\x03\0".to_vec())
    }

    fn int(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn symbol(self, name: &str) -> Self {
        self.int(1).char(name)
    }

    fn char(self, text: &str) -> Self {
        let mut out = self.int(0x0004_0009).int(text.len() as i32);
        out.0.extend(text.as_bytes());
        out
    }

    fn text(self, text: &str) -> Self {
        self.int(16).int(1).char(text)
    }

    fn call(self, function: &str, argument: &str) -> Self {
        self.int(6).symbol(function).int(2).text(argument).int(254)
    }
}

fn read(bytes: &[u8]) -> (RData, Vec<Defect>) {
    let budget = Budget::default();
    let parsed = (FORMAT.parse)(&Input::new("m.rds", bytes, &budget));
    let Facts::RData(rdata) = parsed.facts else { panic!("no R data") };
    (rdata, parsed.defects)
}

#[test]
fn a_call_among_data() {
    let bytes = Writer::new().call("lm", "y ~ x").0;
    let (rdata, defects) = read(&bytes);
    assert_eq!(defects, []);
    assert_eq!(rdata.writer, "4.3.1");
    assert_eq!(rdata.calls[0].text, r#"lm("y ~ x")"#);
    assert_eq!(rdata.calls[0].place, Place::Data);
}

#[test]
fn a_promise_where_none_is_written() {
    let bytes = Writer::new().int(5).int(252).call("print", "x").0;
    let (rdata, defects) = read(&bytes);
    assert_eq!(defects, []);
    assert_eq!(rdata.promises.len(), 1);
    assert!(!rdata.promises[0].bound);
    assert_eq!(rdata.calls[0].place, Place::LoosePromise);
}

#[test]
fn a_promise_in_an_environment() {
    let frame = |writer: Writer| writer.int(0x402).symbol("x").int(5).int(252).call("mean", "x").int(254);
    let bytes = frame(Writer::new().int(4).int(0).int(242)).int(254).int(254).0;
    let (rdata, defects) = read(&bytes);
    assert_eq!(defects, []);
    assert!(rdata.promises[0].bound);
    assert_eq!(rdata.calls[0].place, Place::Promise);
}

#[test]
fn the_same_in_words() {
    let bytes = b"A\n2\n263169\n131840\n6\n1\n262153\n2\nlm\n2\n16\n1\n262153\n3\na\\nb\n254\n";
    let (rdata, defects) = read(bytes);
    assert_eq!(defects, []);
    assert_eq!(rdata.calls[0].text, r#"lm("a\nb")"#);
}

#[test]
fn broken_bytes_never_panic() {
    let good = Writer::new().int(4).int(0).int(242).call("a", "b").call("c", "d").int(254).0;
    for end in 0..good.len() {
        read(&good[..end]);
    }
    for at in 0..good.len() {
        for bit in [1, 0x10, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= bit;
            read(&bytes);
        }
    }
}
