//! Small files that describe a lot of work: what is done about them is bounded by their own size.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use vauban_formats::{Budget, Input, Parsed};

fn parse(name: &str, bytes: &[u8]) -> Parsed {
    vauban_formats::parse(&Input::new(name, bytes, &Budget::default()))
}

/// Distinct defect codes of the file and everything in it.
fn codes(parsed: &Parsed) -> Vec<&'static str> {
    let mut codes = Vec::new();
    parsed.visit(|_, part| codes.extend(part.defects.iter().map(|defect| defect.code)));
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

/// An archive with `headers` local headers in a row; the data of each stored member is all that follows, with the
/// other headers and the directory, so that every member is such an archive again.
fn members_around_the_directory(headers: usize) -> Vec<u8> {
    const LOCAL: usize = 31;
    const CENTRAL: usize = 47;
    const END: usize = 22;
    let total = headers * (LOCAL + CENTRAL) + END;
    let (mut local, mut central) = (Vec::new(), Vec::new());
    for number in 0..headers {
        let size = ((total - (number + 1) * LOCAL) as u32).to_le_bytes();
        // Version, flags, method 0, time, date, CRC, both sizes, lengths of name and extra field.
        let shared = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &size[..], &size, &[1, 0, 0, 0]].concat();
        local.extend([b"PK\x03\x04", &shared[..], b"a"].concat());
        let offset = ((number * LOCAL) as u32).to_le_bytes();
        central.extend([b"PK\x01\x02\x14\0", &shared[..], &[0; 10], &offset, b"a"].concat());
    }
    let (count, size) = ((headers as u16).to_le_bytes(), (central.len() as u32).to_le_bytes());
    let offset = (local.len() as u32).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &offset, &[0; 2]].concat();
    [local, central, end].concat()
}

#[test]
fn an_archive_whose_members_contain_its_directory_is_not_read_exponentially_often() {
    let archive = members_around_the_directory(300);
    let parsed = parse("a.zip", &archive);
    assert_eq!(parsed.format, "zip");
    let mut read = 0;
    parsed.visit(|_, _| read += 1);
    assert!(read < 10_000, "{read} archives were read out of {} bytes", archive.len());
    assert!(codes(&parsed).contains(&"limit-overlap"), "{:?}", codes(&parsed));
}

#[test]
fn compressing_twice_does_not_multiply_what_may_be_inflated() {
    let twice = gzip(&gzip(&vec![0; 100 << 20]));
    let parsed = parse("a.gz", &twice);
    assert_eq!(codes(&parsed), ["limit-inflated"]);
    let mut inflated = 0;
    parsed.visit(|_, part| inflated += part.members.iter().map(|member| member.size).sum::<u64>());
    assert!(inflated <= 64 << 20, "{inflated} bytes out of {}", twice.len());
}

#[test]
fn nothing_is_parsed_once_the_time_is_over() {
    let budget = Budget::default();
    budget.stop();
    let archive = members_around_the_directory(1);
    let parsed = vauban_formats::parse(&Input::new("a.zip", &archive, &budget));
    assert_eq!(codes(&parsed), ["limit-time"]);
}
