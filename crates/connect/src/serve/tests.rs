//! Against small servers of our own on this machine; the clock only moves when something waits.
#![expect(clippy::disallowed_methods, reason = "a journal is a file")]

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use vauban_attacks::target::{AccessLevel, LabelTarget as _, ScoreTarget as _, TargetError};
use vauban_domain::{DeclaredTarget, Timestamp};

use super::*;

/// What a server saw: method, path, the header `authorization`, body.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    authorization: String,
    body: String,
}

/// A server and what it saw.
struct Server {
    base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Posts it saw.
    fn posts(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.line.starts_with("POST")).cloned().collect()
    }
}

/// Status, further header lines, body; status 0 hangs up.
type Reply = (u16, &'static str, String);

/// Answers each post with what `answer` makes of its number, from 0, and its body; everything else with 404.
fn serve(answer: impl Fn(usize, &str) -> Reply + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (noted, mut posts) = (Arc::clone(&seen), 0);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length, mut authorization) = (String::new(), 0, String::new());
            reader.read_line(&mut line).unwrap();
            loop {
                let mut header = String::new();
                if reader.read_line(&mut header).unwrap_or(0) < 3 {
                    break;
                }
                if let Some(count) = header.to_lowercase().strip_prefix("content-length:") {
                    length = count.trim().parse().unwrap();
                }
                if header.to_lowercase().starts_with("authorization:") {
                    authorization = header.trim().to_owned();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            let (status, header, answer) = if line.starts_with("POST") {
                posts += 1;
                answer(posts - 1, &body)
            } else {
                (500, "", String::new())
            };
            let line = line.split(" HTTP").next().unwrap_or_default().to_owned();
            noted.lock().unwrap().push(Seen { line, authorization, body });
            if status > 0 {
                let length = answer.len();
                let _ = write!(
                    &stream,
                    "HTTP/1.1 {status} X\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
                );
            }
        }
    });
    Server { base, seen }
}

/// Answers as MLServer does: for a row (a, b) the scores (a, 1 - a).
fn v2(body: &str) -> Reply {
    let asked: Value = serde_json::from_str(body).unwrap();
    let values = asked["inputs"][0]["data"].as_array().unwrap();
    let scores: Vec<f64> =
        values.chunks(2).flat_map(|row| [row[0].as_f64().unwrap(), 1.0 - row[0].as_f64().unwrap()]).collect();
    let shape = [scores.len() / 2, 2];
    (
        200,
        "",
        json!({"outputs": [{"name": "p", "shape": shape, "datatype": "FP64", "data": scores}]}).to_string(),
    )
}

/// A clock that stands unless somebody waits.
#[derive(Clone, Default)]
struct Still(Arc<Mutex<Duration>>);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.elapsed().as_secs()).unwrap())
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

fn target(server: &Server) -> DeclaredTarget {
    DeclaredTarget {
        url: format!("{}/v2/models/m", server.base),
        protocol: "v2".to_owned(),
        budget: 100,
        ..DeclaredTarget::default()
    }
}

fn connect(target: &DeclaredTarget, journal: &Path, clock: &Still) -> Result<ServedModel, ServeError> {
    let sample = Sample { row: &[0.75, 0.5], shape: &[2], classes: 2 };
    ServedModel::connect(target, Vec::new(), journal, sample, Box::new(clock.clone()))
}

#[test]
fn rows_are_batched_answered_once_and_written_down() {
    let server = serve(|_, body| v2(body));
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("j.jsonl");
    let target = DeclaredTarget { batch: 2, ..target(&server) };
    let model = connect(&target, &journal, &Still::default()).unwrap();
    assert_eq!(model.access().level(), AccessLevel::Scores);
    // Three new rows, one of them twice, and the one that was asked first.
    let rows = [0.75, 0.5, 0.25, 0.0, 0.25, 0.0, 0.5, 1.0, 1.0, 1.0];
    assert_eq!(model.labels(&rows).unwrap(), [0, 1, 1, 0, 0]);
    assert_eq!(model.scores(&rows[..4]).unwrap(), [0.75, 0.25, 0.25, 0.75]);
    assert_eq!((model.sent(), model.remembered()), (4, 4));
    let posts = server.posts();
    assert_eq!(posts.len(), 3);
    assert!(posts.iter().all(|seen| seen.line == "POST /v2/models/m/infer"));
    assert!(posts[1].body.contains(r#""shape":[2,2]"#), "{}", posts[1].body);
    let text = std::fs::read_to_string(&journal).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("\"query\"")).count(), 4);
}

#[test]
fn a_run_that_goes_on_repeats_no_row() {
    let server = serve(|_, body| v2(body));
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("j.jsonl");
    let rows: Vec<f32> = (0..40).map(|value| value as f32 / 40.0).collect();
    let first = connect(&target(&server), &journal, &Still::default()).unwrap();
    let before = first.scores(&rows[..20]).unwrap();
    let sent = first.sent();
    drop(first);
    let second = connect(&target(&server), &journal, &Still::default()).unwrap();
    assert_eq!(second.scores(&rows[..20]).unwrap(), before);
    assert_eq!((second.sent(), second.remembered()), (sent, 10));
    second.scores(&rows).unwrap();
    assert_eq!(second.sent(), 1 + 20);
    drop(second);
    let other = DeclaredTarget { output: "q".to_owned(), ..target(&server) };
    assert!(matches!(
        connect(&other, &journal, &Still::default()),
        Err(ServeError::Journal(JournalError::Another { .. }))
    ));
}

#[test]
fn nothing_is_sent_over_budget_outside_the_window_or_elsewhere() {
    let server = serve(|_, body| v2(body));
    let folder = tempfile::tempdir().unwrap();
    let journal = |name: &str| folder.path().join(name);
    let small = DeclaredTarget { budget: 3, ..target(&server) };
    let model = connect(&small, &journal("budget"), &Still::default()).unwrap();
    assert_eq!(model.labels(&[0.0, 0.0, 0.1, 0.0, 0.2, 0.0]), Err(TargetError::BudgetSpent));
    assert_eq!(server.posts().len(), 1);
    // Earlier runs with the journal count.
    drop(model);
    let model = connect(&small, &journal("budget"), &Still::default()).unwrap();
    model.labels(&[0.0, 0.0, 0.1, 0.0]).unwrap();
    assert_eq!(model.labels(&[0.2, 0.0]), Err(TargetError::BudgetSpent));
    assert_eq!(model.labels(&[0.1, 0.0]), Ok(vec![1]), "what is known costs nothing");
    assert_eq!(server.posts().len(), 2);

    let clock = Still::default();
    let (from, until) = (Some(Timestamp(10)), Some(Timestamp(20)));
    let windowed = DeclaredTarget { from, until, ..target(&server) };
    let early = connect(&windowed, &journal("window"), &clock);
    assert!(matches!(early, Err(ServeError::Scope(ScopeError::Window { .. }))));
    clock.wait(Duration::from_secs(10));
    let model = connect(&windowed, &journal("window"), &clock).unwrap();
    clock.wait(Duration::from_secs(10));
    let late = model.labels(&[0.0, 0.0]).unwrap_err();
    assert!(matches!(&late, TargetError::Refused(why) if why.contains("outside the window")), "{late}");
    assert_eq!(server.posts().len(), 3);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = serve(|_, body| v2(body));
    let location = format!("Location: {}/v2/models/m/infer\r\n", elsewhere.base);
    let location: &'static str = Box::leak(location.into_boxed_str());
    let server = serve(move |_, _| (307, location, String::new()));
    let folder = tempfile::tempdir().unwrap();
    let error = connect(&target(&server), &folder.path().join("j"), &Still::default()).unwrap_err();
    assert!(error.to_string().contains("outside the scope"), "{error}");
    assert_eq!((server.posts().len(), elsewhere.seen.lock().unwrap().len()), (1, 0));
}

#[test]
fn busy_servers_are_asked_again_later_and_every_try_is_counted() {
    // The first question is answered; then 429 with a wait, 503, a broken connection, an answer.
    let server = serve(|number, body| match number {
        1 => (429, "Retry-After: 7\r\n", String::new()),
        2 => (503, "", String::new()),
        3 => (0, "", String::new()),
        _ => v2(body),
    });
    let folder = tempfile::tempdir().unwrap();
    let clock = Still::default();
    let fast = DeclaredTarget { requests_per_second: 1000.0, ..target(&server) };
    let model = connect(&fast, &folder.path().join("j"), &clock).unwrap();
    let before = clock.elapsed();
    assert_eq!(model.labels(&[0.0, 0.0]), Ok(vec![1]));
    assert_eq!((model.sent(), server.posts().len()), (5, 5));
    let waited = (clock.elapsed() - before).as_secs_f64();
    // 7 s as asked, then 1 s and 2 s, and a thousandth before each request.
    assert!((10.0..10.1).contains(&waited), "{waited}");
}

#[test]
fn a_server_that_refuses_is_left_alone() {
    for (status, header, tries) in
        [(403, "", 1), (429, "Retry-After: 86400\r\n", 1), (503, "", 6), (500, "", 1)]
    {
        let server = serve(move |number, body| match number {
            0 => v2(body),
            _ => (status, header, "no \u{1b}[31mmore".to_owned()),
        });
        let folder = tempfile::tempdir().unwrap();
        let model = connect(&target(&server), &folder.path().join("j"), &Still::default()).unwrap();
        let error = model.labels(&[0.0, 0.0]).unwrap_err();
        assert_eq!(model.labels(&[0.1, 0.0]), Err(error.clone()));
        assert_eq!(server.posts().len(), 1 + tries, "{status}");
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
        assert_eq!(model.closed(), Some(error));
    }
}

#[test]
fn requests_keep_their_distance() {
    let server = serve(|_, body| v2(body));
    let folder = tempfile::tempdir().unwrap();
    let clock = Still::default();
    let slow = DeclaredTarget { requests_per_second: 2.0, batch: 1, ..target(&server) };
    let model = connect(&slow, &folder.path().join("j"), &clock).unwrap();
    let before = clock.elapsed();
    let rows: Vec<f32> = (0..20).map(|value| value as f32 / 20.0).collect();
    model.labels(&rows).unwrap();
    assert_eq!(clock.elapsed() - before, Duration::from_secs(5));
}

#[test]
fn tokens_are_sent_and_written_nowhere() {
    let server = serve(|_, body| v2(body));
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("j");
    let header = Header { name: "authorization".to_owned(), value: "Bearer secret-4711".to_owned() };
    let sample = Sample { row: &[0.75, 0.5], shape: &[2], classes: 2 };
    let clock = Box::new(Still::default());
    let model =
        ServedModel::connect(&target(&server), vec![header.clone()], &journal, sample, clock).unwrap();
    assert_eq!(server.posts()[0].authorization, "authorization: Bearer secret-4711");
    let shown = format!("{header:?} {model:?} {}", std::fs::read_to_string(&journal).unwrap());
    assert!(!shown.contains("4711"), "{shown}");
}

#[test]
fn answers_that_are_no_classifiers_are_refused_with_a_reason() {
    for (answer, wanted) in [
        ("<html>", "no JSON"),
        (r#"{"outputs":[]}"#, "no outputs"),
        (r#"{"outputs":[{"name":"y","data":[0.7]}]}"#, "probability"),
        (r#"{"outputs":[{"name":"y","data":["cat"]}]}"#, "declare `labels`"),
    ] {
        let server = serve(move |_, _| (200, "", answer.to_owned()));
        let folder = tempfile::tempdir().unwrap();
        let error = connect(&target(&server), &folder.path().join("j"), &Still::default()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn labels_by_name_are_a_label_target() {
    let server = serve(|_, body| {
        let rows = body.matches("],[").count() + 1;
        (200, "", json!({ "predictions": vec!["dog"; rows] }).to_string())
    });
    let folder = tempfile::tempdir().unwrap();
    let target = DeclaredTarget {
        url: server.base.clone(),
        protocol: "mlflow".to_owned(),
        labels: vec!["cat".to_owned(), "dog".to_owned()],
        ..target(&server)
    };
    let journal = folder.path().join("j");
    for _ in 0..2 {
        let model = connect(&target, &journal, &Still::default()).unwrap();
        assert_eq!((model.access().level(), model.classes()), (AccessLevel::Labels, 2));
        assert_eq!(model.labels(&[0.0, 0.0, 0.1, 0.1]), Ok(vec![1, 1]));
        assert_eq!(model.sent(), 3);
    }
    assert_eq!(server.posts()[0].line, "POST /invocations");
}
