//! Which bytes are looked at, and what is read out of them.

use super::*;

fn look_at(values: &[u8], element: Element) -> (Vec<Defect>, Vec<&'static str>) {
    let span = Span { name: "w".to_owned(), element, offset: 0, length: values.len() as u64 };
    let mut told = Vec::new();
    let defects = look(values, &[span], &Budget::default(), &mut |_, _, found| told.push(found.what));
    (defects, told)
}

/// Bytes of a fixed generator, evenly spread.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn large_tensors_are_looked_at_in_whole_elements_from_front_to_end() {
    for (length, quota) in [(10, 1 << 20), (100_000, 1 << 20), (1 << 30, 1 << 20), (1 << 30, LEAST)] {
        let blocks = blocks(length, quota);
        assert_eq!(blocks.first().map(|(from, _)| *from), Some(0));
        assert!(
            blocks.iter().all(|(from, to)| from % 8 == 0 && to <= &length && from < to),
            "{length} {quota}"
        );
        assert!(
            blocks.iter().map(|(from, to)| to - from).sum::<usize>()
                <= quota.max(BLOCK).max(length.min(quota))
        );
    }
}

#[test]
fn noise_is_no_weights_and_may_be_bytes() {
    let (defects, _) = look_at(&noise(1 << 16), Element::F32);
    assert!(defects.iter().any(|defect| defect.code == "weights-even-exponents"), "{defects:?}");
    assert_eq!(look_at(&noise(1 << 16), Element::Byte).0, []);
    assert_eq!(look_at(&noise(1 << 16), Element::Other), (Vec::new(), Vec::new()));
}

#[test]
fn masks_and_missing_values_are_silent() {
    let values = [f32::NEG_INFINITY, 0.0, f32::NAN, 1.0, -f32::NAN, f32::INFINITY];
    let bytes: Vec<u8> = (0..60_000).flat_map(|index| values[index % 6].to_le_bytes()).collect();
    assert_eq!(look_at(&bytes, Element::F32), (Vec::new(), Vec::new()));
}

#[test]
fn many_different_nans_carry_something() {
    let values = (0..10_000_u32).flat_map(|index| (0x7fc0_0000 | (index % 64)).to_le_bytes());
    let (defects, _) = look_at(&values.collect::<Vec<u8>>(), Element::F32);
    assert!(defects.iter().any(|defect| defect.code == "weights-nan-payload"), "{defects:?}");
}
