//! Parameters in MessagePack.

use crate::check;

#[test]
fn parameters_are_silent() {
    let flax = b"\x81\xa6params\x81\xa1w\xc7\x15\x01\x93\x91\x02\xa7float32\xc4\x08\0\0\0\0\0\0\0\0";
    check("flax_model.msgpack", flax, &[]);
    let mut lying = flax.to_vec();
    lying[15] = 0xfe;
    check("flax_model.msgpack", &lying, &["artifact-malformed"]);
    check("flax_model.msgpack", b"\x81\xa9__class__\xa5Dense", &[]);
}

#[test]
fn objects() {
    let name = concat!("subprocess", ".Popen");
    let bytes = [b"\x81\xa9__class__\xb0".as_slice(), name.as_bytes()].concat();
    check("flax_model.msgpack", &bytes, &["msgpack-object-construction"]);
    let array = b"\x83\xc4\x02nd\xc3\xc4\x04kind\xc4\x01O\xc4\x04data\xc4\x01x";
    check("data.msgpack", array, &["msgpack-object-construction"]);
    let pickle = crate::assembler::Assembler::protocol(4)
        .stack_global("posix", concat!("sys", "tem"))
        .text("id")
        .reduce1()
        .stop();
    let bytes = [b"\x81\xa1w\xc4".as_slice(), &[pickle.len() as u8], &pickle].concat();
    check("flax_model.msgpack", &bytes, &["pickle-code-execution"]);
}
