//! Small files that describe a lot of work: what is done about them is bounded by their own size.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use vauban_formats::{Budget, Facts, Input, Parsed, declaration};

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
    assert_eq!(codes(&parsed), ["limit-held", "limit-inflated"]);
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

#[test]
fn a_long_name_used_over_and_over_is_not_copied_every_time() {
    let text = vec![b'a'; 8 << 20];
    let mut bytes = [b"\x80\x04X", &(text.len() as u32).to_le_bytes()[..], &text, b"\x940"].concat();
    bytes.extend(b"h\0h\0\x930".repeat(50_000));
    bytes.push(b'.');
    // Copies of 800 GB if every one were whole; here the test itself would not end.
    let parsed = parse("a.pkl", &bytes);
    let Facts::Pickle(pickle) = &parsed.facts else { panic!("{}", parsed.format) };
    let [import] = &pickle.streams[0].imports[..] else { panic!("one import") };
    assert_eq!((import.module.len(), import.uses), (4096, 50_000));
}

#[test]
fn lines_without_end_are_not_searched_from_every_start() {
    let bytes = [b"\0".to_vec(), b"\x80\x02I".repeat(2_000_000)].concat();
    assert!(codes(&parse("a.pkl", &bytes)).contains(&"limit-search"));
}

#[test]
fn a_dockerfile_of_one_long_continued_line_is_read_once() {
    let parsed = parse("Dockerfile", &[b"FROM a\nRUN b".to_vec(), b" \\\n  c".repeat(1_000_000)].concat());
    let Facts::Dockerfile(file) = &parsed.facts else { panic!("{}", parsed.format) };
    assert_eq!(file.instructions.len(), 2);
}

#[test]
fn every_problem_of_a_declaration_finds_its_line_without_counting_from_the_start() {
    let text: String =
        (0..50_000).map(|number| format!("[[system]]\nname = \"{number}\"\nk = 1\n")).collect();
    let (said, problems) = declaration::parse(&text, "vauban.toml");
    assert_eq!((said.systems.len(), problems.len()), (50_000, 50_000));
    let last = problems.last().map(|problem| (problem.line, problem.column));
    assert_eq!(last, Some((150_000, 1)));
    assert_eq!(said.systems.last().and_then(|system| system.locator.line), Some(149_999));
}

#[test]
fn one_wide_row_does_not_make_every_other_as_large() {
    let table = [b"1,2\n".to_vec(), vec![b','; 1 << 20], b"\n1".repeat(500_000)].concat();
    let parsed = parse("a.csv", &table);
    let Facts::Table(table) = &parsed.facts else { panic!("{}", parsed.format) };
    assert_eq!((table.rows, table.columns.len()), (500_002, 2));
}
