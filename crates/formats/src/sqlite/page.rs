//! Pages: trees of tables, cells and chains of overflow.

use std::collections::BTreeSet;

use super::{DEPTH, Database};
use crate::Defect;

/// Two bytes as a number.
pub(super) fn two(bytes: &[u8], at: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes(part.try_into().ok()?)))
}

/// Four bytes as a number.
pub(super) fn four(bytes: &[u8], at: usize) -> Option<u32> {
    let part = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(part.try_into().ok()?))
}

/// A number of variable length, of at most nine bytes, and where it ends.
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for index in 0..9 {
        let place = at.checked_add(index)?;
        let byte = *bytes.get(place)?;
        if index == 8 {
            return Some((value << 8 | u64::from(byte), place + 1));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

impl Database<'_> {
    fn page(&self, number: u32) -> Option<&[u8]> {
        let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(self.page_size)?;
        self.input.bytes.get(start..start.checked_add(self.page_size)?)
    }

    fn broken(&self, number: u32, detail: &str) {
        let offset = u64::from(number.saturating_sub(1)) * self.page_size as u64;
        self.defect(Defect::at("sqlite-page", offset, format!("page {number}: {detail}")));
    }

    /// Shows the payload of every cell of the tree at `number`, until `see` says no; false if it did.
    pub(super) fn walk(
        &self,
        number: u32,
        depth: u32,
        seen: &mut BTreeSet<u32>,
        see: &mut dyn FnMut(i64, &[u8]) -> bool,
    ) -> bool {
        if depth > DEPTH {
            self.defect(Defect::whole("limit-depth", "pages are nested deeper than any database has them"));
            return true;
        }
        if !seen.insert(number) {
            self.broken(number, "is met twice in one table");
            return true;
        }
        if self.input.budget.is_stopped() {
            self.defect(Defect::whole("limit-time", "the time was over before every row was looked at"));
            return false;
        }
        let Some(page) = self.page(number) else {
            self.broken(number, "is not in the file");
            return true;
        };
        let start = if number == 1 { 100 } else { 0 };
        let (Some(kind), Some(cells)) = (page.get(start), two(page, start + 3)) else { return true };
        let inner = match kind {
            0x05 => true,
            0x0d => false,
            _ => {
                self.broken(number, "is no page of a table");
                return true;
            }
        };
        let pointers = start + if inner { 12 } else { 8 };
        for index in 0..cells {
            let Some(cell) = two(page, pointers + 2 * index) else {
                self.broken(number, "tells of more cells than it has room for");
                break;
            };
            if inner {
                let Some(child) = four(page, cell) else {
                    self.broken(number, "has a cell outside itself");
                    continue;
                };
                if !self.walk(child, depth + 1, seen, see) {
                    return false;
                }
            } else {
                let left = self.rows_left.get();
                if left == 0 {
                    self.defect(Defect::whole("limit-records", "more rows than are looked at in one file"));
                    return false;
                }
                self.rows_left.set(left - 1);
                match self.payload(page, cell) {
                    Some((key, payload)) => {
                        if !see(key, &payload) {
                            return false;
                        }
                    }
                    None if self.left.get() == 0 => return false,
                    None => self.broken(number, "has a record that is not all there"),
                }
            }
        }
        match four(page, start + 8) {
            Some(last) if inner => self.walk(last, depth + 1, seen, see),
            _ => true,
        }
    }

    /// The row number and record of a cell of a leaf.
    fn payload<'p>(&'p self, page: &'p [u8], cell: usize) -> Option<(i64, std::borrow::Cow<'p, [u8]>)> {
        let (length, at) = varint(page, cell)?;
        let (key, at) = varint(page, at)?;
        #[expect(clippy::cast_possible_wrap, reason = "row numbers are stored as two's complement")]
        let key = key as i64;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.input.bytes.len())?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            let detail = "records take more room than the file has, because they share pages";
            self.defect(Defect::whole("limit-inflated", detail));
            return None;
        }
        let most = self.usable - 35;
        if length <= most {
            return Some((key, page.get(at..at.checked_add(length)?)?.into()));
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        let local = if fitting <= most { fitting } else { least };
        let mut whole = Vec::with_capacity(length);
        let end = at.checked_add(local)?;
        whole.extend_from_slice(page.get(at..end)?);
        let mut next = four(page, end)?;
        // Every page of the chain adds bytes, so that the chain ends however it is linked.
        while whole.len() < length {
            let page = self.page(next)?;
            let take = (self.usable - 4).min(length - whole.len());
            whole.extend_from_slice(page.get(4..4 + take)?);
            next = four(page, 0)?;
        }
        Some((key, whole.into()))
    }
}
