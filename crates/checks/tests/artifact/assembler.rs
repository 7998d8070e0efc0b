//! A small pickle assembler, so that malicious samples exist only while tests run.

/// Bytes of a pickle, opcode by opcode.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assembler(pub(crate) Vec<u8>);

impl Assembler {
    /// A stream of the given protocol.
    pub(crate) fn protocol(version: u8) -> Self {
        Self(if version < 2 { Vec::new() } else { vec![0x80, version] })
    }

    /// Raw bytes.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// `GLOBAL`.
    pub(crate) fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    /// `STACK_GLOBAL` with both names pushed as texts.
    pub(crate) fn stack_global(self, module: &str, name: &str) -> Self {
        self.text(module).text(name).raw(b"\x93")
    }

    /// `SHORT_BINUNICODE`, or `BINUNICODE` for long texts.
    pub(crate) fn text(self, text: &str) -> Self {
        match u8::try_from(text.len()) {
            Ok(length) => self.raw(&[0x8c, length]).raw(text.as_bytes()),
            Err(_) => self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes()),
        }
    }

    /// `BINBYTES`.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        self.raw(b"B").raw(&(bytes.len() as u32).to_le_bytes()).raw(bytes)
    }

    /// `TUPLE1`, `REDUCE`.
    pub(crate) fn reduce1(self) -> Self {
        self.raw(b"\x85R")
    }

    /// `TUPLE2`, `REDUCE`.
    pub(crate) fn reduce2(self) -> Self {
        self.raw(b"\x86R")
    }

    /// `STOP`, and the bytes.
    pub(crate) fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }
}
