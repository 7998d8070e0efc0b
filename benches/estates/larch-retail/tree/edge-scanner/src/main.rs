use ort::session::Session;

/// Reads the shelf detector that the camera box ships with.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = Session::builder()?.commit_from_file("models/shelf-detector.onnx")?;
    println!("{} inputs", session.inputs.len());
    Ok(())
}
