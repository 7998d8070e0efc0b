//! Logs in both shapes, broken and compressed.

use std::io::Write;

use super::*;
use crate::{Budget, Limits};

const FLAT: &str = concat!(
    r#"{"event_id":"e1","timeUnixNano":"1795000000000000000","name":"predict digits","resource":{"service.name":"gateway"},"#,
    r#""attributes":{"client.address":"10.0.0.1","http.response.status_code":200,"ml.request.input":[[0.0,0.5],[1,2]],"ok":true,"tags":["a",1]}}"#,
    "\n",
);

fn read(name: &str, bytes: &[u8]) -> (Otel, Vec<&'static str>) {
    let budget = Budget::new(Limits::default());
    let (log, defects) = parse(&Input::new(name, bytes, &budget));
    (log, defects.into_iter().map(|defect| defect.code).collect())
}

fn check_flat(log: &Otel) {
    let event = &log.events[0];
    assert_eq!(
        (event.id.as_str(), event.time_unix_nano, event.name.as_str()),
        ("e1", 1_795_000_000_000_000_000, "predict digits")
    );
    assert_eq!(event.text("service.name"), Some("gateway"));
    assert_eq!(event.integer("http.response.status_code"), Some(200));
    assert_eq!(event.float("http.response.status_code"), Some(200.0));
    assert_eq!(event.numbers("ml.request.input"), Some(&[0.0, 0.5, 1.0, 2.0][..]));
    assert_eq!(event.bool("ok"), Some(true));
    assert_eq!(event.text("tags"), Some(r#"["a",1]"#));
}

#[test]
fn a_flat_event_is_read_plain_and_gzipped() {
    let (log, defects) = read("a.ndjson", FLAT.as_bytes());
    assert!(defects.is_empty());
    check_flat(&log);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(FLAT.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let budget = Budget::default();
    assert_eq!(recognise(&Input::new("a.ndjson.gz", &gzip, &budget)), Recognised::ByMagic);
    check_flat(&read("a.ndjson.gz", &gzip).0);
    let (_, defects) = read("cut.ndjson.gz", &gzip[..gzip.len() / 2]);
    assert!(defects.contains(&"log-broken-stream"), "{defects:?}");
}

#[test]
fn an_otlp_batch_is_read() {
    let line = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gw"}}]},"scopeSpans":[{"spans":[{"spanId":"ab","name":"chat","startTimeUnixNano":"7","attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"}},{"key":"p","value":{"arrayValue":{"values":[{"doubleValue":0.25},{"doubleValue":0.75}]}}}]}]}]}]}"#;
    let (log, defects) = read("spans.jsonl", line.as_bytes());
    assert!(defects.is_empty(), "{defects:?}");
    let event = &log.events[0];
    assert_eq!((event.id.as_str(), event.time_unix_nano), ("ab", 7));
    assert_eq!(event.integer("gen_ai.usage.input_tokens"), Some(12));
    assert_eq!(event.numbers("p"), Some(&[0.25, 0.75][..]));
    assert_eq!(event.text("service.name"), Some("gw"));
}

#[test]
fn bad_lines_are_counted_and_the_rest_is_read() {
    let text = format!("nonsense\n[1]\n{{}}\n\n{FLAT}");
    let (log, defects) = read("a.ndjson", text.as_bytes());
    assert_eq!((log.events.len(), log.bad_lines), (1, 3));
    assert_eq!(defects, ["log-bad-line"; 3]);
}

#[test]
fn bounds_are_kept_and_said() {
    let text = FLAT.repeat(3);
    let budget = Budget::new(Limits { records: 2, ..Limits::default() });
    let (log, defects) = parse(&Input::new("a.ndjson", text.as_bytes(), &budget));
    assert_eq!(log.events.len(), 2);
    assert_eq!(defects[0].code, "limit-records");
}
