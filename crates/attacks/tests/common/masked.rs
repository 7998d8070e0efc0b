//! Models that mislead gradient attacks, made from any ONNX classifier with one input and one output.
//!
//! `quantised` rounds the inputs to few levels, `scaled` multiplies the logits until the softmax saturates.

use super::{Value, node, part, tensor};

/// How inputs are rounded.
#[derive(Clone, Copy, Debug)]
pub enum Rounding {
    /// By `QuantizeLinear` and `DequantizeLinear`.
    Linear,
    /// By `Mul`, `Add`, `Floor`, `Div`.
    Floor,
    /// By a wave on the identity, `x - sin(2 pi n x) / (2 pi n)`: gradients pass, and vanish at the levels.
    Wave,
}

/// `model` behind a grid of `levels` steps between 0 and 1 (255 at most for [`Rounding::Linear`]).
pub fn quantised(model: &[u8], levels: u8, rounding: Rounding) -> Vec<u8> {
    let mut graph = edit::Graph::read(model).unwrap();
    let input = graph.input();
    graph.rename_reads(&input, "rounded");
    let steps = f32::from(levels);
    let scalar = |name: &str, value: f32| part(5, &tensor(name, 1, &[], &value.to_le_bytes()));
    let nodes = match rounding {
        Rounding::Linear => vec![
            scalar("mask-step", 1.0 / steps),
            part(5, &tensor("mask-zero", 2, &[], &[0])),
            node("QuantizeLinear", &format!("{input} mask-step mask-zero"), "mask-levels", &[]),
            node("DequantizeLinear", "mask-levels mask-step mask-zero", "rounded", &[]),
        ],
        Rounding::Floor => vec![
            scalar("mask-steps", steps),
            scalar("mask-half", 0.5),
            node("Mul", &format!("{input} mask-steps"), "mask-fine", &[]),
            node("Add", "mask-fine mask-half", "mask-shifted", &[]),
            node("Floor", "mask-shifted", "mask-floor", &[]),
            node("Div", "mask-floor mask-steps", "rounded", &[]),
        ],
        Rounding::Wave => vec![
            scalar("mask-turns", std::f32::consts::TAU * steps),
            node("Mul", &format!("{input} mask-turns"), "mask-angle", &[]),
            node("Sin", "mask-angle", "mask-sine", &[]),
            node("Div", "mask-sine mask-turns", "mask-wave", &[]),
            node("Sub", &format!("{input} mask-wave"), "rounded", &[]),
        ],
    };
    graph.put_first(nodes);
    graph.write()
}

/// `model` with its logits times `factor` behind a softmax; the clip at the end hides the softmax from those who
/// would differentiate before it.
pub fn scaled(model: &[u8], factor: f32) -> Vec<u8> {
    let mut graph = edit::Graph::read(model).unwrap();
    let output = graph.output();
    graph.rename_all(&output, "mask-logits");
    graph.put_last(vec![
        part(5, &tensor("mask-factor", 1, &[], &factor.to_le_bytes())),
        part(5, &tensor("mask-one", 1, &[], &1.0_f32.to_le_bytes())),
        node("Mul", "mask-logits mask-factor", "mask-large", &[]),
        node("Softmax", "mask-large", "mask-sure", &[("axis", Value::Int(-1))]),
        node("Mul", "mask-sure mask-one", &output, &[]),
    ]);
    graph.write()
}

/// Just enough of protocol buffers to add nodes to a graph and rename its values.
pub mod edit {
    use super::part;

    /// A field: its number, and its content if it is bytes, or all of it as it stood.
    type Field = (u64, Result<Vec<u8>, Vec<u8>>);

    /// A model with its graph in parts.
    pub struct Graph {
        model: Vec<Field>,
        graph: Vec<Field>,
    }

    fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn fields(bytes: &[u8]) -> Option<Vec<Field>> {
        let (mut at, mut fields) = (0, Vec::new());
        while at < bytes.len() {
            let start = at;
            let key = read_varint(bytes, &mut at)?;
            let skip = match key & 7 {
                0 => read_varint(bytes, &mut at).map(|_| 0)?,
                1 => 8,
                5 => 4,
                2 => {
                    let length = usize::try_from(read_varint(bytes, &mut at)?).ok()?;
                    let content = bytes.get(at..at.checked_add(length)?)?;
                    at += length;
                    fields.push((key >> 3, Ok(content.to_vec())));
                    continue;
                }
                _ => return None,
            };
            at += skip;
            fields.push((key >> 3, Err(bytes.get(start..at)?.to_vec())));
        }
        Some(fields)
    }

    fn bytes(fields: &[Field]) -> Vec<u8> {
        let one = |(number, content): &Field| match content {
            Ok(content) => part(*number, content),
            Err(whole) => whole.clone(),
        };
        fields.iter().flat_map(one).collect()
    }

    impl Graph {
        /// Reads a model; `None` if it is none.
        pub fn read(bytes: &[u8]) -> Option<Self> {
            let model = fields(bytes)?;
            let graph = model.iter().find(|(number, _)| *number == 7)?.1.as_ref().ok()?;
            Some(Self { graph: fields(graph)?, model })
        }

        fn first_name(&self, number: u64, but: &[Vec<u8>]) -> String {
            let infos = self.graph.iter().filter(|(own, _)| *own == number);
            let names = infos.filter_map(|(_, content)| {
                let fields = fields(content.as_ref().ok()?)?;
                fields.into_iter().find(|(number, _)| *number == 1)?.1.ok()
            });
            let name = names.into_iter().find(|name| !but.contains(name)).unwrap();
            String::from_utf8(name).unwrap()
        }

        /// Name of the first input that is no constant.
        pub fn input(&self) -> String {
            let constants = self.graph.iter().filter(|(number, _)| *number == 5);
            let names = constants.filter_map(|(_, content)| {
                let fields = fields(content.as_ref().ok()?)?;
                fields.into_iter().find(|(number, _)| *number == 8)?.1.ok()
            });
            let names: Vec<Vec<u8>> = names.collect();
            self.first_name(11, &names)
        }

        /// Name of the first output.
        pub fn output(&self) -> String {
            self.first_name(12, &[])
        }

        fn rename(&mut self, from: &str, to: &str, numbers: &[u64]) {
            for (_, content) in self.graph.iter_mut().filter(|(number, _)| *number == 1) {
                let Ok(content) = content else { continue };
                let mut node = fields(content).unwrap();
                for (_, name) in node.iter_mut().filter(|(number, _)| numbers.contains(number)) {
                    if name.as_deref() == Ok(from.as_bytes()) {
                        *name = Ok(to.as_bytes().to_vec());
                    }
                }
                *content = bytes(&node);
            }
        }

        /// Lets every node that reads `from` read `to`.
        pub fn rename_reads(&mut self, from: &str, to: &str) {
            self.rename(from, to, &[1]);
        }

        /// Calls the value `from` of the nodes `to`; inputs and outputs of the graph keep their names.
        pub fn rename_all(&mut self, from: &str, to: &str) {
            self.rename(from, to, &[1, 2]);
        }

        /// Adds encoded fields of the graph before the others.
        pub fn put_first(&mut self, encoded: Vec<Vec<u8>>) {
            self.graph.splice(0..0, encoded.into_iter().map(|field| (0, Err(field))));
        }

        /// Adds encoded fields of the graph after the others.
        pub fn put_last(&mut self, encoded: Vec<Vec<u8>>) {
            self.graph.extend(encoded.into_iter().map(|field| (0, Err(field))));
        }

        /// The model with the graph as it is now.
        pub fn write(mut self) -> Vec<u8> {
            let graph = bytes(&self.graph);
            for (number, content) in &mut self.model {
                if *number == 7 {
                    *content = Ok(graph.clone());
                }
            }
            bytes(&self.model)
        }
    }
}
