//! Programs that answer requests with a model: by which framework, on which routes, and whether anything in the file
//! asks who is calling.

use super::{Call, Python, Value};

/// A program that answers requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Serving {
    /// `fastapi`, `flask`, `gradio` ...
    pub framework: &'static str,
    /// Line on which it is set up.
    pub line: u32,
    /// Routes that are written out, in order.
    pub routes: Vec<String>,
    /// Address that it listens on, if it says so.
    pub host: Option<String>,
    /// Whether something in the file looks like a sign-in.
    pub signs_in: bool,
    /// Whether a model is asked in the file.
    pub asks_model: bool,
    /// Line of a server started in debugging mode whose debugger runs code.
    pub debugger: Option<u32>,
    /// Line and call that makes it reachable by a public address.
    pub shared: Option<(u32, String)>,
}

/// Callees that set a server up, and the framework.
const SERVERS: &[(&str, &str)] = &[
    ("aiohttp.web.Application", "aiohttp"),
    ("bentoml.Service", "bentoml"),
    ("bentoml.service", "bentoml"),
    ("chainlit.on_message", "chainlit"),
    ("fastapi.FastAPI", "fastapi"),
    ("flask.Flask", "flask"),
    ("gradio.Blocks", "gradio"),
    ("gradio.ChatInterface", "gradio"),
    ("gradio.Interface", "gradio"),
    ("langserve.add_routes", "langserve"),
    ("litserve.LitServer", "litserve"),
    ("ray.serve.deployment", "ray-serve"),
    ("ray.serve.run", "ray-serve"),
    ("robyn.Robyn", "robyn"),
    ("sanic.Sanic", "sanic"),
    ("starlette.applications.Starlette", "starlette"),
    ("streamlit.chat_input", "streamlit"),
    ("streamlit.text_input", "streamlit"),
];
/// Ends of callees that ask a model.
const ASKS: &[&str] = &[
    ".ainvoke",
    ".apredict",
    ".chat.completions.create",
    ".generate",
    ".generate_content",
    ".invoke_model",
    ".messages.create",
    ".predict",
    ".predict_proba",
    ".responses.create",
    ".transcribe",
    "litellm.completion",
    "ollama.chat",
    "ollama.generate",
    "transformers.pipeline()",
];

/// The server that a file sets up; none if it sets up none.
pub fn serving(python: &Python) -> Option<Serving> {
    let by_call = python.calls.iter().find_map(|call| Some((framework(&call.callee)?, call.line)));
    let by_decorator = || {
        python.functions.iter().find_map(|function| {
            let named = |decorator: &super::Decorator| framework(decorator.callee.trim_end_matches("()"));
            Some((function.decorators.iter().find_map(named)?, function.line))
        })
    };
    let (framework, line) = by_call.or_else(by_decorator)?;
    let mut serving = Serving { framework, line, ..Serving::default() };
    for decorator in python.functions.iter().flat_map(|function| &function.decorators) {
        let name = decorator.callee.trim_end_matches("()");
        let method = name.rsplit('.').next().unwrap_or(name);
        if name.contains('.')
            && matches!(method, "get" | "post" | "put" | "patch" | "route" | "websocket" | "api_route")
        {
            serving.routes.extend(decorator.arguments.first().and_then(Value::literal).map(str::to_owned));
        }
    }
    for call in &python.calls {
        server_call(call, &mut serving);
        serving.asks_model |= ASKS.iter().any(|end| call.callee.ends_with(end));
    }
    serving.asks_model |=
        python.calls.iter().any(|call| super::fetch::fetched(call, python).is_some_and(|it| !it.dataset));
    serving.signs_in = signs_in(python);
    Some(serving)
}

fn framework(callee: &str) -> Option<&'static str> {
    SERVERS.iter().find(|(name, _)| *name == callee).map(|(_, framework)| *framework)
}

fn server_call(call: &Call, serving: &mut Serving) {
    let is = |name: &str| call.keyword(name) == Some(&Value::Bool(true));
    let starts = matches!(call.name(), "run" | "launch" | "run_app" | "serve" | "start");
    if starts && serving.host.is_none() {
        let host = call.keyword("host").or_else(|| call.keyword("server_name"));
        serving.host = host.and_then(Value::literal).map(str::to_owned);
    }
    if call.callee == "flask.Flask().run" && is("debug") {
        serving.debugger = Some(call.line);
    }
    let tunnel = matches!(
        call.callee.as_str(),
        "pyngrok.ngrok.connect" | "ngrok.connect" | "ngrok.forward" | "flask_ngrok.run_with_ngrok"
    );
    if (call.name() == "launch" && is("share")) || tunnel {
        serving.shared = Some((call.line, call.callee.clone()));
    }
}

/// Whether any name in the file is one of signing in. Rather too often yes than a false alarm.
fn signs_in(python: &Python) -> bool {
    let calls = python.calls.iter().flat_map(|call| {
        let texts = call.arguments.iter().filter_map(Value::literal).filter(|text| text.len() < 64);
        std::iter::once(call.callee.as_str())
            .chain(call.keywords.iter().map(|(name, _)| name.as_str()))
            .chain(texts)
    });
    let functions = python.functions.iter().flat_map(|function| {
        let parameters = function.parameters.iter();
        let parameters =
            parameters.flat_map(|p| std::iter::once(p.name.as_str()).chain(p.annotation.as_deref()));
        let decorators = function.decorators.iter();
        let decorators = decorators.flat_map(|d| {
            std::iter::once(d.callee.as_str()).chain(d.keywords.iter().map(|(name, _)| name.as_str()))
        });
        std::iter::once(function.name.as_str()).chain(parameters).chain(decorators)
    });
    let imports = python.imports.iter().map(|import| import.path.as_str());
    calls.chain(functions).chain(imports).any(is_sign_in)
}

fn is_sign_in(name: &str) -> bool {
    let name = name.to_lowercase().replace(['-', '_'], "");
    let has = |word: &str| name.contains(word);
    // `author` and `tokenizer` are other things.
    let auth = name
        .match_indices("auth")
        .any(|(at, _)| !name[at..].starts_with("author") || name[at..].starts_with("authoriz"));
    let token = name.match_indices("token").any(|(at, _)| {
        !["iz", "s", "ids", "id", "count", "limit"].iter().any(|end| name[at + 5..].starts_with(end))
    });
    auth || token
        || ["apikey", "bearer", "credential", "currentuser", "jwt", "login", "password", "security"]
            .iter()
            .any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::python::parse_source;

    fn read(source: &str) -> Option<Serving> {
        serving(&parse_source(source, false, &Limits::default()).0)
    }

    #[test]
    fn servers_and_their_sign_in_are_seen() {
        let open = read(
            "import joblib, uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nm = joblib.load('m')\n@app.post('/predict')\ndef predict(x: list):\n    return m.predict(x)\nuvicorn.run(app, host='0.0.0.0')\n",
        )
        .unwrap_or_default();
        assert_eq!((open.framework, open.routes.as_slice()), ("fastapi", ["/predict".to_owned()].as_slice()));
        assert!(open.asks_model && !open.signs_in);
        assert_eq!(open.host.as_deref(), Some("0.0.0.0"));
        let closed = read(
            "from fastapi import FastAPI, Depends, Security\nfrom fastapi.security import HTTPBearer\napp = FastAPI()\n@app.post('/predict')\ndef predict(x, who=Depends(HTTPBearer())):\n    return m.predict(x)\n",
        );
        assert!(closed.is_some_and(|serving| serving.signs_in));
        assert_eq!(read("import pandas\npandas.read_csv('x')"), None);
    }

    #[test]
    fn words_of_signing_in_are_told_from_others() {
        for yes in
            ["get_current_user", "X-API-Key", "verify_token", "OAuth2PasswordBearer", "authorization", "auth"]
        {
            assert!(is_sign_in(yes), "{yes}");
        }
        for no in ["AutoTokenizer", "max_tokens", "author", "pad_token_id", "predict"] {
            assert!(!is_sign_in(no), "{no}");
        }
    }
}
