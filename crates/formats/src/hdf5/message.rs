//! Object headers of versions 1 and 2: the messages that say what an object is.

use super::Step;
use super::heap::signature;
use super::reader::Reader;
use super::value::Cursor;
use crate::Defect;

/// Blocks of one header.
const BLOCKS: usize = 1024;
/// Messages of one header.
const MESSAGES: usize = 65_536;

/// One message of a header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    /// Whether the content is a reference to a message kept elsewhere.
    pub(super) shared: bool,
    pub(super) content: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The messages of the header at `address`, those of its continuations too.
    pub(super) fn messages(&mut self, address: u64) -> Step<Vec<Message<'a>>> {
        let mut cursor = self.cursor(address)?;
        let mut found = Vec::new();
        if cursor.bytes.starts_with(b"OHDR") {
            cursor.take(4)?;
            let version = cursor.byte()?;
            if version != 2 {
                return Err(Defect::at(
                    "hdf5-header",
                    address,
                    format!("an object header of version {version}"),
                ));
            }
            let flags = cursor.byte()?;
            cursor.take(if flags & 0x20 == 0 { 0 } else { 16 } + if flags & 0x10 == 0 { 0 } else { 4 })?;
            let size = cursor.number(1 << (flags & 3))?;
            let first = cursor.take(usize::try_from(size).unwrap_or(usize::MAX))?;
            let mut blocks = vec![first];
            let mut next = 0;
            while let Some(block) = blocks.get(next).copied() {
                next += 1;
                self.version_2(block, flags & 4 != 0, address, &mut found, &mut blocks)?;
            }
            return Ok(found);
        }
        let version = cursor.byte()?;
        if version != 1 {
            return Err(Defect::at(
                "hdf5-header",
                address,
                "no object header where the file says there is one",
            ));
        }
        cursor.byte()?;
        let count = usize::try_from(cursor.number(2)?).unwrap_or(MESSAGES);
        cursor.take(4)?;
        let size = cursor.number(4)?;
        cursor.take(4)?;
        let first = cursor.take(usize::try_from(size).unwrap_or(usize::MAX))?;
        let mut blocks = vec![first];
        let mut next = 0;
        while let Some(block) = blocks.get(next).copied() {
            next += 1;
            let mut cursor = Cursor::new(block);
            while cursor.at + 8 <= block.len() && found.len() < count {
                let kind = cursor.number(2)? as u16;
                let length = cursor.number(2)? as usize;
                let flags = cursor.byte()?;
                cursor.take(3)?;
                let content = cursor.take(length)?;
                if kind == 0x10 {
                    let block = self.continuation(content, address, blocks.len())?;
                    blocks.push(block);
                }
                found.push(Message { kind, shared: flags & 2 != 0, content });
            }
        }
        Ok(found)
    }

    fn version_2(
        &mut self,
        block: &'a [u8],
        ordered: bool,
        address: u64,
        found: &mut Vec<Message<'a>>,
        blocks: &mut Vec<&'a [u8]>,
    ) -> Step<()> {
        let mut cursor = Cursor::new(block);
        let head = if ordered { 6 } else { 4 };
        while cursor.at + head <= block.len() && found.len() < MESSAGES {
            let kind = u16::from(cursor.byte()?);
            let length = cursor.number(2)? as usize;
            let flags = cursor.byte()?;
            cursor.take(head - 4)?;
            let content = cursor.take(length)?;
            if kind == 0x10 {
                let whole = self.continuation(content, address, blocks.len())?;
                let mut inner = Cursor::new(whole);
                signature(&mut inner, b"OCHK", address)?;
                // The last four bytes are a checksum.
                blocks.push(whole.get(4..whole.len().saturating_sub(4)).unwrap_or_default());
            }
            found.push(Message { kind, shared: flags & 2 != 0, content });
        }
        Ok(())
    }

    fn continuation(&mut self, content: &[u8], address: u64, known: usize) -> Step<&'a [u8]> {
        self.spend(address)?;
        if known >= BLOCKS {
            return Err(Defect::at("hdf5-header", address, "an object header without end"));
        }
        let mut cursor = Cursor::new(content);
        let at = cursor.number(self.offset_size)?;
        let length = cursor.number(self.length_size)?;
        self.cursor(at)?.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// The content of a message, followed to where a shared one is kept.
    pub(super) fn resolve(&mut self, message: Message<'a>) -> Step<&'a [u8]> {
        if !message.shared {
            return Ok(message.content);
        }
        let mut cursor = Cursor::new(message.content);
        let version = cursor.byte()?;
        let kind = cursor.byte()?;
        if version == 1 {
            cursor.take(6)?;
        }
        if version == 3 && kind == 1 {
            return Err(Defect::whole(
                "limit-hdf5-shared",
                "a message in the heap of shared messages is not read",
            ));
        }
        let address = cursor.number(self.offset_size)?;
        self.spend(address)?;
        let there = self.messages(address)?;
        let same = there.into_iter().find(|other| other.kind == message.kind && !other.shared);
        same.map(|other| other.content)
            .ok_or_else(|| Defect::at("hdf5-header", address, "a shared message is not where it should be"))
    }
}
