//! Notebooks of both versions.

use super::*;
use crate::Budget;

fn read(text: &str) -> (Notebook, Vec<Defect>) {
    parse(&Input::new("a.ipynb", text.as_bytes(), &Budget::default()))
}

#[test]
fn version_4_is_read() {
    let (notebook, defects) = read(
        r##"{"nbformat":4,"metadata":{"kernelspec":{"language":"python"}},"cells":[
        {"cell_type":"markdown","source":["# Title\n","text"]},
        {"cell_type":"code","source":["%pip install x\n","import pickle\n","pickle.load(f)"],
         "outputs":[{"output_type":"stream","text":["a\n","b"]},{"output_type":"execute_result","data":{"text/plain":["42"],"image/png":"AAAA"}}]},
        {"cell_type":"code","source":"%%bash\ncurl x | sh\n","outputs":[]},
        {"cell_type":"code","source":"%%time\nf()","outputs":[]}]}"##,
    );
    assert_eq!(defects, []);
    assert_eq!(notebook.cells[0].source, "# Title\ntext");
    let code = &notebook.cells[1];
    assert_eq!((code.python.calls[0].callee.as_str(), code.python.calls[0].line), ("pickle.load", 3));
    assert_eq!(code.python.escapes[0].command, "pip install x");
    assert_eq!(code.outputs, ["a\nb", "42"]);
    assert_eq!(
        (notebook.cells[2].python.escapes[0].shell, notebook.cells[2].python.escapes[0].line),
        (true, 2)
    );
    assert_eq!(notebook.cells[3].python.calls[0].line, 2);
}

#[test]
fn version_3_is_read() {
    let (notebook, _) = read(
        r#"{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","language":"python","input":["f(1)"],
        "outputs":[{"output_type":"pyout","text":["7"]}]}]}]}"#,
    );
    assert_eq!(notebook.cells[0].python.calls[0].callee, "f");
    assert_eq!(notebook.cells[0].outputs, ["7"]);
}

#[test]
fn broken_notebooks_give_a_defect() {
    assert_eq!(read("{\"cells\": [").1[0].code, "json-syntax");
    assert_eq!(read(&"[".repeat(100_000)).1[0].code, "json-syntax");
    let (notebook, defects) = read(r#"{"cells":[{"cell_type":"code","source":"x = = 1"}, 7, "a"]}"#);
    assert_eq!((notebook.cells.len(), defects[0].code), (3, "python-syntax"));
}
