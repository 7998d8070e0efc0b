//! MXNet's arrays and compiled models of vendors.

use super::executables::elf;
use crate::check;

#[test]
fn compiled_models_with_host_code_are_told() {
    let engine = |inside: &[u8]| [&b"ptrt\0\0\0\0"[..], &[0; 56], inside].concat();
    check("m.engine", &engine(&elf()), &["engine-native-code"]);
    check("m.plan", &engine(b"plugin=/opt/x/libmine.so\0"), &["engine-native-code"]);
    check("m.trt", &engine(b"libnvinfer_plugin.so.8\0conv1/relu (fused)\0"), &[]);
    check("m.trt", &engine(concat!("__import__('o", "s')\0").as_bytes()), &["model-embedded-command"]);
}

#[test]
fn frames_that_lie_are_malformed() {
    let rknn =
        |length: u64| [&b"RKNN\0\0\0\0\x06\0\0\0\0\0\0\0"[..], &length.to_le_bytes(), &[0; 60]].concat();
    check("m.rknn", &rknn(20), &[]);
    check("m.rknn", &rknn(1 << 40), &["artifact-malformed"]);
}

#[test]
fn arrays_of_mxnet() {
    let words = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    check("m.params", &words(&[0x112, 0, 0, 0]), &[]);
    check("m.params", &words(&[0x112, 0, 1 << 60, 0]), &["artifact-malformed"]);
    check("m.params", &[words(&[0x112, 0, 0, 0]), elf()].concat(), &["hidden-payload"]);
}
