//! Which inputs each output of a pooling is the largest of.

use super::chain::{MOST, through};
use crate::network::{Inputs, Kernel, Tensor, Value};

/// Members of each output's window.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    pub(crate) width: usize,
    /// Where each window begins in the list, and where the last ends.
    starts: Vec<usize>,
    members: Vec<u32>,
}

impl Windows {
    /// Number of outputs.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Inputs of one output, rising; never none.
    pub(crate) fn members(&self, output: usize) -> impl Iterator<Item = usize> + Clone {
        self.members[self.starts[output]..self.starts[output + 1]].iter().map(|member| *member as usize)
    }
}

/// The windows, read off the operator itself: raising one input from 0 to 1 raises the outputs whose windows it is in.
pub(super) fn windows(
    kernel: &dyn Kernel,
    values: &[Option<&Value>],
    result: Option<&Value>,
    place: usize,
    rows: usize,
    size: &mut usize,
) -> Result<Windows, String> {
    let (input, output) = through(values, result, place, rows)?;
    let (width, height) = (input.data.len() / rows, output.data.len() / rows);
    let mut windows: Vec<Vec<u32>> = vec![Vec::new(); height];
    for first in (0..width).step_by(rows) {
        let mut data = vec![0.0; input.data.len()];
        for row in 0..rows.min(width - first) {
            data[row * width + first + row] = 1.0;
        }
        let raised = Value::Float(Tensor { shape: input.shape.clone(), data });
        let mut given = values.to_vec();
        given[place] = Some(&raised);
        let forward = kernel.forward(&Inputs(&given)).map_err(|error| error.0)?;
        let Some(Value::Float(seen)) = forward.first() else { return Err("it gives no numbers".to_owned()) };
        for (row, seen) in seen.data.chunks_exact(height).take(width - first).enumerate() {
            for (window, _) in windows.iter_mut().zip(seen).filter(|(_, seen)| **seen == 1.0) {
                window.push((first + row) as u32);
                *size += 1;
            }
            if *size > MOST {
                return Err(format!("the windows hold more than {MOST} numbers"));
            }
        }
    }
    // What the windows say about the recorded input must be what the operator did.
    for (window, expected) in windows.iter().zip(&output.data) {
        let largest = window.iter().map(|member| input.data[*member as usize]).reduce(f32::max);
        if largest != Some(*expected) {
            return Err("its outputs are not the largest values of windows".to_owned());
        }
    }
    let mut starts = vec![0];
    for window in &windows {
        starts.push(starts[starts.len() - 1] + window.len());
    }
    Ok(Windows { width, starts, members: windows.concat() })
}
