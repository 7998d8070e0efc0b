//! From lines of JSON to events.

use std::io::{BufRead, Read};

use serde_json::{Map, Value as Json};

use super::{Event, LONGEST_LINE, Otel, Value};
use crate::{Defect, Input};

/// Bad lines that are told one by one; the rest is counted.
const TOLD_LINES: u64 = 5;

/// Reads a log line by line; what was inflated is charged to the input's budget.
pub(super) fn lines(mut reader: impl BufRead, input: &Input<'_>, inflated: bool) -> (Otel, Vec<Defect>) {
    let (mut log, mut defects) = (Otel::default(), Vec::new());
    let limits = &input.budget.limits;
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        match reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                defects.push(Defect::whole("log-broken-stream", format!("the log breaks off: {error}")));
                break;
            }
        }
        number += 1;
        if input.budget.is_stopped() {
            defects
                .push(Defect::whole("limit-time", "the time for the file was over; the rest was not read"));
            break;
        }
        if inflated && !input.budget.inflate(line.len() as u64) {
            defects.push(Defect::whole(
                "limit-inflated",
                "the log inflates beyond the bound; the rest was not read",
            ));
            break;
        }
        if line.len() as u64 > LONGEST_LINE {
            let detail = format!("line {number} is longer than {LONGEST_LINE} bytes; the rest was not read");
            defects.push(Defect::whole("limit-line", detail));
            break;
        }
        if log.events.len() >= limits.records {
            let detail = format!("more than {} events; the rest was not read", limits.records);
            defects.push(Defect::whole("limit-records", detail));
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let before = log.events.len();
        let complaint = match serde_json::from_slice::<Json>(&line) {
            Ok(Json::Object(object)) => {
                record(object, number, &mut log.events);
                (log.events.len() == before).then(|| "no event in it".to_owned())
            }
            Ok(_) => Some("not a JSON object".to_owned()),
            Err(error) => Some(format!("not JSON: {error}")),
        };
        if let Some(complaint) = complaint {
            log.bad_lines += 1;
            if log.bad_lines <= TOLD_LINES {
                defects.push(Defect::whole("log-bad-line", format!("line {number}: {complaint}")));
            }
        }
    }
    if log.bad_lines > TOLD_LINES {
        let detail = format!("{} of {number} lines are no events", log.bad_lines);
        defects.push(Defect::whole("log-bad-lines", detail));
    }
    (log, defects)
}

fn record(mut object: Map<String, Json>, line: u64, events: &mut Vec<Event>) {
    for (batch, scopes, records) in
        [("resourceSpans", "scopeSpans", "spans"), ("resourceLogs", "scopeLogs", "logRecords")]
    {
        for batch in list(object.remove(batch)) {
            let Json::Object(mut batch) = batch else { continue };
            let resource = match batch.remove("resource") {
                Some(Json::Object(mut resource)) => resource.remove("attributes"),
                _ => None,
            };
            for scope in list(batch.remove(scopes)) {
                let Json::Object(mut scope) = scope else { continue };
                for record in list(scope.remove(records)) {
                    let Json::Object(mut record) = record else { continue };
                    record.insert("resource".to_owned(), resource.clone().unwrap_or_default());
                    events.extend(event(record, &format!("line-{line}-{}", events.len())));
                }
            }
        }
    }
    events.extend(event(object, &format!("line-{line}")));
}

fn list(json: Option<Json>) -> Vec<Json> {
    match json {
        Some(Json::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// One event; `None` if it has no time.
fn event(mut object: Map<String, Json>, fallback: &str) -> Option<Event> {
    let time = ["timeUnixNano", "startTimeUnixNano", "observedTimeUnixNano"]
        .iter()
        .find_map(|key| object.get(*key).and_then(nanoseconds))?;
    let mut text = |keys: &[&str]| {
        keys.iter().find_map(|key| match object.remove(*key) {
            Some(Json::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        })
    };
    let id = text(&["event_id", "eventId", "id", "spanId"]).unwrap_or_else(|| fallback.to_owned());
    let name = text(&["name", "eventName"]).unwrap_or_default();
    let mut event = Event { id, time_unix_nano: time, name, ..Event::default() };
    // The event's own attributes win over those of its resource.
    for key in ["attributes", "resource"] {
        match object.remove(key) {
            Some(Json::Object(map)) => flatten("", map, &mut event),
            Some(Json::Array(pairs)) => {
                for pair in pairs {
                    if let Json::Object(mut pair) = pair
                        && let Some(Json::String(key)) = pair.remove("key")
                    {
                        insert(&key, any_value(pair.remove("value").unwrap_or_default()), &mut event);
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(body) = object.remove("body") {
        insert("body", any_value(body), &mut event);
    }
    Some(event)
}

fn nanoseconds(json: &Json) -> Option<i64> {
    match json {
        Json::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

fn flatten(prefix: &str, map: Map<String, Json>, event: &mut Event) {
    for (key, json) in map {
        let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        insert(&key, json, event);
    }
}

fn insert(key: &str, json: Json, event: &mut Event) {
    let value = match json {
        Json::Null => return,
        Json::Object(map) => return flatten(key, map, event),
        Json::String(text) => Value::Text(text),
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(list) => {
            let mut numbers = Vec::new();
            if gather(&list, &mut numbers) {
                Value::Numbers(numbers)
            } else {
                Value::Text(Json::Array(list).to_string())
            }
        }
    };
    event.attributes.entry(key.to_owned()).or_insert(value);
}

/// Puts all numbers of nested lists into one; false if there is anything else among them.
fn gather(list: &[Json], numbers: &mut Vec<f32>) -> bool {
    list.iter().all(|item| match item {
        Json::Array(inner) => gather(inner, numbers),
        Json::Number(number) => {
            numbers.push(number.as_f64().unwrap_or(f64::NAN) as f32);
            true
        }
        _ => false,
    })
}

/// An OTLP `AnyValue` as plain JSON; integers are strings there.
fn any_value(json: Json) -> Json {
    let Json::Object(mut map) = json else { return json };
    for key in ["stringValue", "boolValue", "doubleValue", "bytesValue"] {
        if let Some(value) = map.remove(key) {
            return value;
        }
    }
    if let Some(value) = map.remove("intValue") {
        return nanoseconds(&value).map_or(value, Json::from);
    }
    if let Some(Json::Object(mut array)) = map.remove("arrayValue") {
        return Json::Array(list(array.remove("values")).into_iter().map(any_value).collect());
    }
    if let Some(Json::Object(mut pairs)) = map.remove("kvlistValue") {
        let pairs = list(pairs.remove("values")).into_iter().filter_map(|pair| {
            let Json::Object(mut pair) = pair else { return None };
            let Some(Json::String(key)) = pair.remove("key") else { return None };
            Some((key, any_value(pair.remove("value").unwrap_or_default())))
        });
        return Json::Object(pairs.collect());
    }
    Json::Object(map)
}
