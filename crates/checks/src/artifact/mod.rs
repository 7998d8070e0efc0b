//! Model and data files: what they do when loaded, and whether they are what they say.

mod acts;
pub mod archive_ambiguous;
pub mod archive_bomb;
pub mod archive_path_traversal;
pub mod arrow_extension_type;
pub mod artifact_malformed;
mod bytecode;
pub mod cntk_user_function;
mod command;
pub mod coreml_custom_code;
pub mod coreml_path_escape;
pub mod engine_native_code;
mod escape;
pub mod executorch_custom_operator;
pub mod file_type_mismatch;
pub mod hdf5_external_reference;
pub mod hdf5_resource_exhaustion;
pub mod hidden_payload;
pub mod hugging_face_behaviour_backdoor;
pub mod hugging_face_path_escape;
pub mod hugging_face_remote_code;
mod instantiation;
pub mod instantiation_code_execution;
pub mod instantiation_file_access;
pub mod instantiation_network_access;
pub mod instantiation_unknown_target;
mod java_classes;
pub mod java_code_execution;
pub mod java_file_access;
pub mod java_network_access;
pub mod java_unknown_class;
pub mod jinja_behaviour_backdoor;
pub mod jinja_code_execution;
pub mod jinja_file_access;
pub mod jinja_resource_exhaustion;
mod keras_acts;
pub mod keras_code_execution;
pub mod keras_custom_object;
pub mod keras_file_access;
pub mod keras_foreign_import;
pub mod keras_network_access;
pub mod mar_path_escape;
pub mod mat_function_handle;
pub mod mlflow_code_execution;
pub mod mlflow_path_escape;
mod model_code;
pub mod model_code_execution;
pub mod model_code_file_access;
pub mod model_code_network_access;
pub mod model_embedded_command;
pub mod model_placeholder;
pub mod msgpack_object_construction;
pub mod mxnet_custom_operator;
pub mod native_executable;
pub mod npy_object_array;
pub mod oci_foreign_layer;
pub mod ollama_behaviour_backdoor;
pub mod ollama_foreign_source;
pub mod ollama_path_escape;
pub mod onnx_code_execution;
pub mod onnx_custom_operator;
pub mod onnx_external_data_escape;
pub mod onnx_resource_exhaustion;
pub mod openvino_custom_layer;
pub mod orbax_code_execution;
mod paddle;
pub mod paddle_code_execution;
pub mod paddle_file_access;
pub mod paddle_network_access;
pub mod parquet_file_escape;
pub mod pickle_code_execution;
pub mod pickle_file_access;
pub mod pickle_network_access;
pub mod pickle_resource_exhaustion;
pub mod pickle_unknown_callable;
pub mod pickle_unsafe_import;
pub mod pmml_code_execution;
pub mod polyglot_file;
pub mod python_bytecode;
pub mod python_bytecode_execution;
mod r;
pub mod r_code_execution;
pub mod r_embedded_code;
mod skops;
pub mod skops_code_execution;
pub mod skops_unknown_type;
pub mod spark_code_execution;
pub mod spark_foreign_class;
mod template;
mod template_behaviour;
mod template_escape;
mod template_instruction;
mod tensorflow_acts;
pub mod tensorflow_code_execution;
pub mod tensorflow_custom_operator;
pub mod tensorflow_file_operator;
pub mod tensorflow_network_operator;
pub mod tensorflow_resource_exhaustion;
pub mod tfjs_script;
pub mod tfjs_weights_elsewhere;
pub mod tflite_custom_operator;
pub mod tflite_flex_operator;
pub mod torch7_code_execution;
pub mod torch_export_code_execution;
pub mod torch_package_code;
mod torchscript;
pub mod torchscript_code_execution;
pub mod torchscript_custom_operator;
pub mod torchscript_file_access;
pub mod torchscript_network_access;
pub mod torchscript_resource_exhaustion;
pub mod triton_native_code;
pub mod triton_path_escape;
pub mod weights_anomalous;
pub mod xml_entity_expansion;
pub mod xml_external_entity;

use vauban_domain::{Evidence, Severity};
use vauban_formats::Defect;

use crate::{Check, Report, Subject};
use acts::Act;

/// The family's checks, by rule.
pub const CHECKS: &[Check] = &[
    archive_ambiguous::CHECK,
    archive_bomb::CHECK,
    archive_path_traversal::CHECK,
    arrow_extension_type::CHECK,
    artifact_malformed::CHECK,
    cntk_user_function::CHECK,
    coreml_custom_code::CHECK,
    coreml_path_escape::CHECK,
    engine_native_code::CHECK,
    executorch_custom_operator::CHECK,
    file_type_mismatch::CHECK,
    hdf5_external_reference::CHECK,
    hdf5_resource_exhaustion::CHECK,
    hidden_payload::CHECK,
    hugging_face_behaviour_backdoor::CHECK,
    hugging_face_path_escape::CHECK,
    hugging_face_remote_code::CHECK,
    instantiation_code_execution::CHECK,
    instantiation_file_access::CHECK,
    instantiation_network_access::CHECK,
    instantiation_unknown_target::CHECK,
    java_code_execution::CHECK,
    java_file_access::CHECK,
    java_network_access::CHECK,
    java_unknown_class::CHECK,
    jinja_behaviour_backdoor::CHECK,
    jinja_code_execution::CHECK,
    jinja_file_access::CHECK,
    jinja_resource_exhaustion::CHECK,
    keras_code_execution::CHECK,
    keras_custom_object::CHECK,
    keras_file_access::CHECK,
    keras_foreign_import::CHECK,
    keras_network_access::CHECK,
    mar_path_escape::CHECK,
    mat_function_handle::CHECK,
    mlflow_code_execution::CHECK,
    mlflow_path_escape::CHECK,
    model_code_execution::CHECK,
    model_code_file_access::CHECK,
    model_code_network_access::CHECK,
    model_embedded_command::CHECK,
    model_placeholder::CHECK,
    msgpack_object_construction::CHECK,
    mxnet_custom_operator::CHECK,
    native_executable::CHECK,
    npy_object_array::CHECK,
    oci_foreign_layer::CHECK,
    ollama_behaviour_backdoor::CHECK,
    ollama_foreign_source::CHECK,
    ollama_path_escape::CHECK,
    onnx_code_execution::CHECK,
    onnx_custom_operator::CHECK,
    onnx_external_data_escape::CHECK,
    onnx_resource_exhaustion::CHECK,
    openvino_custom_layer::CHECK,
    orbax_code_execution::CHECK,
    paddle_code_execution::CHECK,
    paddle_file_access::CHECK,
    paddle_network_access::CHECK,
    parquet_file_escape::CHECK,
    pickle_code_execution::CHECK,
    pickle_file_access::CHECK,
    pickle_network_access::CHECK,
    pickle_resource_exhaustion::CHECK,
    pickle_unknown_callable::CHECK,
    pickle_unsafe_import::CHECK,
    pmml_code_execution::CHECK,
    polyglot_file::CHECK,
    python_bytecode::CHECK,
    python_bytecode_execution::CHECK,
    r_code_execution::CHECK,
    r_embedded_code::CHECK,
    skops_code_execution::CHECK,
    skops_unknown_type::CHECK,
    spark_code_execution::CHECK,
    spark_foreign_class::CHECK,
    tensorflow_code_execution::CHECK,
    tensorflow_custom_operator::CHECK,
    tensorflow_file_operator::CHECK,
    tensorflow_network_operator::CHECK,
    tensorflow_resource_exhaustion::CHECK,
    tfjs_script::CHECK,
    tfjs_weights_elsewhere::CHECK,
    tflite_custom_operator::CHECK,
    tflite_flex_operator::CHECK,
    torch_export_code_execution::CHECK,
    torch_package_code::CHECK,
    torch7_code_execution::CHECK,
    torchscript_code_execution::CHECK,
    torchscript_custom_operator::CHECK,
    torchscript_file_access::CHECK,
    torchscript_network_access::CHECK,
    torchscript_resource_exhaustion::CHECK,
    triton_native_code::CHECK,
    triton_path_escape::CHECK,
    weights_anomalous::CHECK,
    xml_entity_expansion::CHECK,
    xml_external_entity::CHECK,
];

/// Reports one thing that a pickle does.
fn tell<T>(subject: &Subject<'_, T>, report: &mut Report, act: &Act) {
    let (message, evidence) = told(subject, act);
    report.find(&subject.asset.id, message, vec![evidence]);
}

/// Reports one thing that a pickle does as more or less severe than the rule is.
fn tell_as<T>(severity: Severity, subject: &Subject<'_, T>, report: &mut Report, act: &Act) {
    let (message, evidence) = told(subject, act);
    report.find_as(severity, &subject.asset.id, message, vec![evidence]);
}

fn told<T>(subject: &Subject<'_, T>, act: &Act) -> (String, Evidence) {
    let verb = if act.called { "calls" } else { "looks up" };
    let note = if act.note.is_empty() { String::new() } else { format!(" ({})", act.note) };
    let message = format!("loading {verb} `{}`{note}", act.name.escape_debug());
    let locator = subject.locator.clone().at_offset(act.offset);
    let key = if act.called { act.name.clone() } else { format!("import {}", act.name) };
    (message, Evidence::new(locator, key, act.chain.clone()))
}

/// Reports the defects that `wanted` picks, those with one code together.
fn tell_defects<T>(subject: &Subject<'_, T>, report: &mut Report, wanted: impl Fn(&Defect) -> bool) {
    let mut told: Vec<&str> = Vec::new();
    for defect in subject.defects.iter().filter(|defect| wanted(defect)) {
        if told.contains(&defect.code) {
            continue;
        }
        told.push(defect.code);
        let more = subject.defects.iter().filter(|other| other.code == defect.code).count() - 1;
        let more = if more > 0 { format!(" (and {more} more of the kind)") } else { String::new() };
        let mut locator = subject.locator.clone();
        locator.offset = defect.offset;
        let message = format!("{}: {}{more}", subject.parsed.format, defect.detail);
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, defect.code, defect.detail.clone())],
        );
    }
}
