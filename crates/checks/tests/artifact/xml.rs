//! XML models: entities, scripts, classes, custom layers.

use crate::check;

const PMML: &str = r#"<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header><Application name="x"/></Header>
<DataDictionary/><TransformationDictionary>HERE</TransformationDictionary><TreeModel functionName="classification"/></PMML>"#;

fn pmml(before: &str, inside: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?>{before}{}", PMML.replace("HERE", inside)).into_bytes()
}

#[test]
fn ordinary_models_are_silent() {
    check(
        "m.pmml",
        &pmml("", r#"<DefineFunction name="f"><Apply function="+"/></DefineFunction><Apply function="f"/>"#),
        &[],
    );
    check(
        "m.pmml",
        &pmml("", r#"<Extension>PMMLPipeline(steps=[("c", SVC())])</Extension><Apply function="x-expit"/>"#),
        &[],
    );
}

#[test]
fn entities_from_elsewhere() {
    let found: &[&str] = &["xml-external-entity"];
    let entity = "<!DOCTYPE PMML [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>";
    check("m.pmml", &pmml(entity, "<Extension>&e;</Extension>"), found);
    let parameter = "<!DOCTYPE PMML [<!ENTITY % p SYSTEM \"http://example.org/x.dtd\"> %p;]>";
    check("m.pmml", &pmml(parameter, ""), found);
    check("settings.xml", format!("<?xml version=\"1.0\"?>{entity}<a>&e;</a>").as_bytes(), found);
    let wide: Vec<u8> =
        format!("\u{feff}{entity}<a>&e;</a>").encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("settings.xml", &wide, found);
    check(
        "book.xml",
        b"<!DOCTYPE book [<!ENTITY one SYSTEM \"one.xml\">]><book>&one;</book>",
        &["xml-external-entity"],
    );
    let page = b"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\"><plist/>";
    check("Info.plist", page, &[]);
}

#[test]
fn entities_that_grow() {
    let mut declared = "<!DOCTYPE PMML [<!ENTITY e0 \"ha\">".to_owned();
    for level in 1..10 {
        declared.push_str(&format!("<!ENTITY e{level} \"{}\">", format!("&e{};", level - 1).repeat(10)));
    }
    declared.push_str("]>");
    check("m.pmml", &pmml(&declared, "<Extension>&e9;</Extension>"), &["xml-entity-expansion"]);
    check("m.pmml", &pmml("<!DOCTYPE PMML [<!ENTITY e \"ha\">]>", "<Extension>&e;</Extension>"), &[]);
}

#[test]
fn code_in_a_model() {
    let found: &[&str] = &["pmml-code-execution"];
    check("m.pmml", &pmml("", r#"<Apply function="com.example.Udf"/>"#), found);
    check(
        "m.pmml",
        &pmml("", "<Extension><script type=\"text/javascript\">load()</script></Extension>"),
        found,
    );
    let value = concat!("java.lang.Run", "time.exec");
    check("m.pmml", &pmml("", &format!(r#"<Extension name="x" value="{value}"/>"#)), found);
    check("m.pmml", &pmml("", r#"<DefineFunction name="f"><Apply function="f"/></DefineFunction>"#), found);
    check("m.pmml", &pmml("<?xml-stylesheet href=\"x.xsl\"?>", ""), found);
}

fn openvino(layer: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?><net name=\"m\" version=\"11\"><layers>{layer}</layers><edges/></net>")
        .into_bytes()
}

#[test]
fn layers_of_openvino() {
    let constant = |size: u32| {
        openvino(&format!(
            r#"<layer id="0" name="w" type="Const" version="opset1"><data element_type="f32" shape="2, 3" offset="0" size="{size}"/></layer>"#
        ))
    };
    check("m.xml", &constant(24), &[]);
    check("m.xml", &constant(4), &["artifact-malformed"]);
    let layer =
        |kind: &str, set: &str| openvino(&format!(r#"<layer id="1" type="{kind}" version="{set}"/>"#));
    check("m.xml", &layer("Relu", "opset1"), &[]);
    check("m.xml", &layer("StringTensorUnpack", "extension"), &[]);
    check("m.xml", &layer("Shell", "extension"), &["openvino-custom-layer"]);
    let library =
        openvino(r#"<layer id="1" type="Relu" version="opset1"><data library="/tmp/x.so"/></layer>"#);
    check("m.xml", &library, &["openvino-custom-layer"]);
}
