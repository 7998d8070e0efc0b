use super::*;
use crate::Budget;

fn read(bytes: &[u8]) -> (Engine, Vec<&'static str>) {
    let parsed = parse(&Input::new("m.engine", bytes, &Budget::default()));
    let Facts::Engine(facts) = parsed.facts else { panic!("engine") };
    (facts, parsed.defects.iter().map(|defect| defect.code).collect())
}

fn elf(machine: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (bytes[16], bytes[18], bytes[52]) = (3, machine, 64);
    bytes
}

#[test]
fn programs_for_the_host_are_found_and_kernels_are_none() {
    let engine = |machine| [b"ptrt\0\0\0\0".to_vec(), vec![0; 40], elf(machine)].concat();
    assert_eq!(read(&engine(62)).0.programs, [(Kind::Elf, 48)]);
    assert_eq!(read(&engine(CUDA)).0.programs, []);
}

#[test]
fn texts_and_frames_are_read() {
    let rknn = |length: u64| {
        [&b"RKNN\0\0\0\0\x06\0\0\0\0\0\0\0"[..], &length.to_le_bytes(), &[0; 40], b"a/libx.so\0"].concat()
    };
    assert_eq!(read(&rknn(10)).0.texts, [(64, "a/libx.so".to_owned())]);
    assert_eq!(read(&rknn(11)).1, ["rknn-length"]);
    let wide: Vec<u8> = "BCN\0m.dll\0x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide).0.runtime, Runtime::Cntk);
    for cut in 0..70 {
        read(&rknn(10)[..cut]);
    }
}
