//! Against small servers of our own on this machine, each with answers that are written down.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use vauban_formats::{Budget, Facts, Input};
use vauban_knowledge::Knowledge;

use super::*;

/// Answers by path, and what was asked, in order.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn serve(answers: Vec<(&'static str, u16, &'static str, String)>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length, mut signed) = (String::new(), 0, "");
            reader.read_line(&mut line).unwrap();
            loop {
                let mut header = String::new();
                if reader.read_line(&mut header).unwrap_or(0) < 3 {
                    break;
                }
                let header = header.to_lowercase();
                if let Some(count) = header.strip_prefix("content-length:") {
                    length = count.trim().parse().unwrap();
                }
                if header.starts_with("authorization: bearer open") {
                    signed = " signed";
                }
            }
            let mut sent = vec![0; length];
            std::io::Read::read_exact(&mut reader, &mut sent).unwrap();
            let mut words = line.split_whitespace();
            let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            seen.lock().unwrap().push(format!("{method} {path}{signed}"));
            let key = format!("{path}{signed}");
            let found = answers
                .iter()
                .find(|(known, ..)| *known == key)
                .or_else(|| answers.iter().find(|(known, ..)| *known == path));
            let (status, header, body) = found
                .map_or((404, "", String::new()), |(_, status, header, body)| {
                    (*status, *header, body.clone())
                });
            let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
            let _ = write!(
                &stream,
                "HTTP/1.1 {status} X\r\n{header}Set-Cookie: a=secret\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    Server { base, asked }
}

fn look(server: &Server, kind: Kind, credentials: Option<&Credentials>) -> (Recorded, Vec<Exchange>) {
    let recorded =
        record(&server.base, kind, credentials, &Knowledge::builtin().fingerprints, Bounds::default())
            .unwrap();
    let budget = Budget::default();
    let parsed = vauban_formats::parse(&Input::new("host.json", &recorded.bytes, &budget));
    let Facts::Recording(recording) = parsed.facts else { panic!("read as {}", parsed.format) };
    assert_eq!(recording.base, server.base);
    (recorded, recording.exchanges)
}

#[test]
fn a_service_is_known_with_few_questions_and_no_cookie_is_kept() {
    let server = serve(vec![
        (
            "/",
            200,
            "Server: x",
            "{\"title\":\"qdrant - vector search engine\",\"version\":\"1.9.2\"}".to_owned(),
        ),
        ("/collections", 401, "", String::new()),
        ("/collections signed", 200, "", "{\"result\":{\"collections\":[{\"name\":\"notes\"}]}}".to_owned()),
    ]);
    let (recorded, exchanges) = look(&server, Kind::Host, None);
    assert!(exchanges.len() < 40, "{}", exchanges.len());
    assert!(server.asked.lock().unwrap().iter().all(|asked| asked.starts_with("GET ")));
    assert!(!String::from_utf8_lossy(&recorded.bytes).contains("secret"));
    let token = Credentials::Token { header: String::new(), token: "open".to_owned() };
    let (recorded, exchanges) = look(&server, Kind::Host, Some(&token));
    let list: Vec<_> = exchanges.iter().filter(|exchange| exchange.path == "/collections").collect();
    assert_eq!(
        (list[0].status, list[0].signed_in, list[1].status, list[1].signed_in),
        (401, false, 200, true)
    );
    assert!(!String::from_utf8_lossy(&recorded.bytes).contains("Bearer"));
}

#[test]
fn a_registry_is_read_page_by_page_and_only_searched_when_named_as_one() {
    let page = |key: &str, inner: &str, next: &str| {
        format!("{{\"{key}\":[{inner}],\"next_page_token\":\"{next}\"}}")
    };
    let server = serve(vec![
        ("/", 200, "", "<title>MLflow</title>".to_owned()),
        ("/version", 200, "", "3.1.0".to_owned()),
        (
            "/api/2.0/mlflow/registered-models/search?max_results=100",
            200,
            "",
            page("registered_models", "{\"name\":\"a\"}", "2="),
        ),
        (
            "/api/2.0/mlflow/registered-models/search?max_results=100&page_token=2%3D",
            200,
            "",
            page("registered_models", "{\"name\":\"b\"}", ""),
        ),
        (
            "/api/2.0/mlflow/model-versions/search?max_results=100",
            200,
            "",
            page("model_versions", "{\"name\":\"a\",\"version\":\"1\",\"run_id\":\"r1\"}", ""),
        ),
        (
            "/api/2.0/mlflow/experiments/search?max_results=100",
            200,
            "",
            page("experiments", "{\"experiment_id\":\"0\"}", ""),
        ),
        ("/api/2.0/mlflow/runs/get?run_id=r1", 200, "", "{\"run\":{}}".to_owned()),
        ("/api/2.0/mlflow/runs/search", 200, "", page("runs", "{}", "")),
    ]);
    let (recorded, _) = look(&server, Kind::Host, None);
    let asked = std::mem::take(&mut *server.asked.lock().unwrap());
    assert!(asked.iter().all(|asked| asked.starts_with("GET ")), "{asked:?}");
    assert!(
        asked.iter().any(|asked| asked.ends_with("run_id=r1"))
            && asked.iter().any(|asked| asked.ends_with("2%3D"))
    );
    assert!(recorded.limits.iter().any(|limit| limit.contains("mlflow+http")));
    look(&server, Kind::Mlflow, None);
    let posted: Vec<String> =
        server.asked.lock().unwrap().iter().filter(|asked| asked.starts_with("POST ")).cloned().collect();
    assert_eq!(posted, ["POST /api/2.0/mlflow/runs/search", "POST /api/2.0/mlflow/logged-models/search"]);
}

#[test]
fn nobody_there_is_said_and_never_clean() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told = record(&base, Kind::Host, None, &Knowledge::builtin().fingerprints, Bounds::default());
    assert!(told.unwrap_err().contains("refused"));
}

#[test]
fn redirects_are_followed_on_the_host_and_not_off_it() {
    let server = serve(vec![
        ("/", 302, "Location: /lab", String::new()),
        ("/lab", 302, "Location: http://127.0.0.2:9/away", String::new()),
    ]);
    let (_, exchanges) = look(&server, Kind::Host, None);
    assert!(exchanges.iter().any(|exchange| exchange.path == "/lab" && exchange.status == 302));
    assert!(!exchanges.iter().any(|exchange| exchange.path.contains("away")));
}
