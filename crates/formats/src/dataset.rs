//! Data to attack a model with: inputs and labels out of NPY, CSV or Parquet, told apart by content.

use thiserror::Error;

use crate::parquet::{self, Cells};
use crate::tabular_schema::TabularSchema;
use crate::{Budget, npy};

/// Cells of a text table that are read at most.
const CELLS: usize = 1 << 25;

/// Why data cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatasetError {
    /// The file is broken or uses something that is not read.
    #[error("{0}")]
    File(String),
    /// A column holds text.
    #[error(
        "column `{column}`, row {row}: `{text}` is no number; give the column `texts` in a schema, or encode it"
    )]
    Text {
        /// The column.
        column: String,
        /// The row, from 1, header left out.
        row: usize,
        /// The text, cut.
        text: String,
    },
    /// A value is missing or not finite.
    #[error("column `{column}`, row {row}: the value is missing or not finite; fill it or leave the row out")]
    Missing {
        /// The column.
        column: String,
        /// The row, from 1, header left out.
        row: usize,
    },
    /// There is no such column.
    #[error("no column is called `{name}`; there are {known}")]
    Column {
        /// The name asked for.
        name: String,
        /// Some names there are.
        known: String,
    },
    /// A label is no whole number.
    #[error("row {row}: the label is no whole number; number the classes as the model does, from 0")]
    Label {
        /// The row, from 1, header left out.
        row: usize,
    },
}

/// A table of numbers and texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataTable {
    /// Names; the place from 0 where nothing names it.
    pub columns: Vec<String>,
    /// Values of each column, all of [`Self::rows`].
    pub cells: Vec<Cells>,
    /// Rows.
    pub rows: usize,
}

/// Inputs and their true classes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// Names of the input columns; empty for an array of more than two axes.
    pub columns: Vec<String>,
    /// All elements, row by row.
    pub inputs: Vec<f32>,
    /// Shape with the number of samples first.
    pub shape: Vec<usize>,
    /// True class of each sample.
    pub labels: Vec<i64>,
}

fn file(error: impl std::fmt::Display) -> DatasetError {
    DatasetError::File(error.to_string())
}

/// Reads a table from NPY (one or two axes), Parquet or delimited text; a first line with a cell that is no number is a
/// header.
///
/// # Errors
/// [`DatasetError::File`] says what is broken, or what is not read.
pub fn read_table(bytes: &[u8]) -> Result<DataTable, DatasetError> {
    if bytes.starts_with(b"\x93NUMPY") {
        let (values, shape) = array(bytes)?;
        let (rows, width) = match shape[..] {
            [rows] => (rows, 1),
            [rows, width] => (rows, width),
            _ => return Err(file(format!("an array of {} axes is no table", shape.len()))),
        };
        let column = |at: usize| {
            Cells::Numbers(values.iter().skip(at).step_by(width).map(|x| f64::from(*x)).collect())
        };
        let columns = (0..width).map(|at| at.to_string()).collect();
        return Ok(DataTable { columns, cells: (0..width).map(column).collect(), rows });
    }
    if bytes.starts_with(b"PAR1") {
        let columns = parquet::columns(bytes, &Budget::default()).map_err(|defect| file(defect.detail))?;
        let (columns, cells): (Vec<String>, Vec<Cells>) = columns.into_iter().unzip();
        let rows = match cells.first() {
            Some(Cells::Numbers(numbers)) => numbers.len(),
            Some(Cells::Texts(texts)) => texts.len(),
            None => 0,
        };
        return Ok(DataTable { columns, cells, rows });
    }
    delimited(bytes)
}

fn array(bytes: &[u8]) -> Result<(Vec<f32>, Vec<usize>), DatasetError> {
    let (facts, defects) = npy::read(bytes);
    if let Some(defect) = defects.first() {
        return Err(file(&defect.detail));
    }
    if facts.fortran_order && facts.shape.len() > 1 {
        return Err(file("the array is stored column by column; save it with numpy.ascontiguousarray"));
    }
    let shape: Option<Vec<usize>> = facts.shape.iter().map(|size| usize::try_from(*size).ok()).collect();
    let values = npy::values_f32(&facts, bytes).map_err(file)?;
    Ok((values, shape.unwrap_or_default()))
}

fn delimited(bytes: &[u8]) -> Result<DataTable, DatasetError> {
    let text = std::str::from_utf8(bytes).map_err(|_| file("neither NPY nor Parquet nor text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let most = [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| {
        // The comma wins a tie.
        (first.bytes().filter(|byte| byte == delimiter).count(), *delimiter == b',')
    });
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(most.unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut names: Vec<String> = Vec::new();
    let mut texts: Vec<Vec<String>> = Vec::new();
    for (line, record) in reader.records().enumerate() {
        let record = record.map_err(file)?;
        if line == 0 {
            texts = vec![Vec::new(); record.len()];
            if record.iter().any(|cell| cell.parse::<f64>().is_err()) {
                names = record.iter().map(str::to_owned).collect();
                continue;
            }
            names = (0..record.len()).map(|at| at.to_string()).collect();
        }
        if texts.len().saturating_mul(line) > CELLS {
            return Err(file(format!("more than {CELLS} cells; use NPY or Parquet, or fewer rows")));
        }
        texts.iter_mut().zip(record.iter()).for_each(|(column, cell)| column.push(cell.to_owned()));
    }
    let rows = texts.first().map_or(0, Vec::len);
    let numbers = |column: &[String]| -> Option<Vec<f64>> {
        let number = |cell: &String| if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() };
        column.iter().map(number).collect()
    };
    let cells = texts.into_iter().map(|column| numbers(&column).map_or(Cells::Texts(column), Cells::Numbers));
    Ok(DataTable { columns: names, cells: cells.collect(), rows })
}

/// Inputs and labels. `labels` is a file of one column (of more, the last), or `None` when the labels are a column of
/// `inputs`: the one called `label`, else the last. With a schema, the input columns are those it names, in its order, and
/// texts become its codes; without one, all but the label in the order of the file.
///
/// # Errors
/// [`DatasetError`] names file, column and row.
pub fn samples(
    inputs: &[u8],
    labels: Option<&[u8]>,
    label: Option<&str>,
    schema: Option<&TabularSchema>,
) -> Result<Labelled, DatasetError> {
    if let Some(labels) = labels
        && inputs.starts_with(b"\x93NUMPY")
    {
        let (values, shape) = array(inputs)?;
        let rows = shape.first().copied().unwrap_or(0);
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let width = (values.len() / rows.max(1)).max(1);
            return Err(DatasetError::Missing { column: (at % width).to_string(), row: at / width + 1 });
        }
        let labels = read_table(labels)?;
        return Ok(Labelled {
            columns: Vec::new(),
            inputs: values,
            shape,
            labels: classes(labels.cells.last(), rows)?,
        });
    }
    let table = read_table(inputs)?;
    let separate = labels.map(read_table).transpose()?;
    let place = match (label, &separate) {
        (Some(name), None) => Some(table.place(name)?),
        (None, None) => table.columns.len().checked_sub(1),
        (_, Some(_)) => None,
    };
    let chosen: Vec<(usize, &[String], &[f64])> = match schema {
        Some(schema) => schema
            .columns
            .iter()
            .map(|column| Ok((table.place(&column.name)?, column.texts.as_slice(), column.codes.as_slice())))
            .collect::<Result<_, DatasetError>>()?,
        None => (0..table.columns.len())
            .filter(|at| Some(*at) != place)
            .map(|at| (at, &[][..], &[][..]))
            .collect(),
    };
    let mut values = Vec::with_capacity(chosen.len().saturating_mul(table.rows));
    for row in 0..table.rows {
        for (at, texts, codes) in &chosen {
            values.push(table.number(*at, row, texts, codes)?);
        }
    }
    let truth = match &separate {
        Some(separate) => separate.cells.last(),
        None => place.and_then(|at| table.cells.get(at)),
    };
    Ok(Labelled {
        columns: chosen.iter().map(|(at, _, _)| table.columns[*at].clone()).collect(),
        shape: vec![table.rows, chosen.len()],
        inputs: values,
        labels: classes(truth, table.rows)?,
    })
}

fn classes(cells: Option<&Cells>, rows: usize) -> Result<Vec<i64>, DatasetError> {
    let numbers = match cells {
        Some(Cells::Numbers(numbers)) => numbers,
        Some(Cells::Texts(_)) => return Err(DatasetError::Label { row: 1 }),
        None => return Err(file("there is no column of labels")),
    };
    if numbers.len() != rows {
        return Err(file(format!("{} labels for {rows} rows", numbers.len())));
    }
    let whole = |(row, number): (usize, &f64)| {
        // Far beyond any number of classes, and exact.
        let class = number.fract() == 0.0 && number.abs() < 1e15;
        if class { Ok(*number as i64) } else { Err(DatasetError::Label { row: row + 1 }) }
    };
    numbers.iter().enumerate().map(whole).collect()
}

impl DataTable {
    fn place(&self, name: &str) -> Result<usize, DatasetError> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| DatasetError::Column {
            name: name.to_owned(),
            known: self.columns.iter().take(20).cloned().collect::<Vec<_>>().join(", "),
        })
    }

    fn number(&self, at: usize, row: usize, texts: &[String], codes: &[f64]) -> Result<f32, DatasetError> {
        let column = || self.columns.get(at).cloned().unwrap_or_default();
        let value = match self.cells.get(at) {
            Some(Cells::Numbers(numbers)) => numbers.get(row).copied().unwrap_or(f64::NAN),
            Some(Cells::Texts(all)) => {
                let text = all.get(row).map_or("", String::as_str);
                let code = texts.iter().position(|known| known == text).and_then(|place| codes.get(place));
                match (code, text) {
                    (Some(code), _) => *code,
                    (None, "") => f64::NAN,
                    (None, text) => {
                        let text = text.chars().take(40).collect();
                        return Err(DatasetError::Text { column: column(), row: row + 1, text });
                    }
                }
            }
            None => f64::NAN,
        };
        let value = value as f32;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(DatasetError::Missing { column: column(), row: row + 1 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular_schema::read;

    #[test]
    fn text_tables_become_samples() {
        let csv = b"age;job;bad\n30;clerk;1\n41.5;none;0\n";
        let schema = "[[column]]\nname = \"job\"\ntype = \"categorical\"\ntexts = [\"none\", \"clerk\"]\n[[column]]\nname = \"age\"\n";
        let (schema, _) = read(schema);
        let found = samples(csv, None, None, Some(&schema)).unwrap();
        assert_eq!((found.inputs, found.labels), (vec![1.0, 30.0, 0.0, 41.5], vec![1, 0]));
        assert_eq!((found.columns, found.shape), (vec!["job".to_owned(), "age".to_owned()], vec![2, 2]));

        let error = |bytes: &[u8], label| samples(bytes, None, label, None).unwrap_err().to_string();
        assert!(error(csv, None).starts_with("column `job`, row 1: `clerk` is no number"));
        assert!(error(b"a,y\n,1\n", None).starts_with("column `a`, row 1: the value is missing"));
        assert!(error(b"a,y\n1,0.5\n", None).starts_with("row 1: the label"));
        assert_eq!(error(b"a,y\n1,0\n", Some("z")), "no column is called `z`; there are a, y");
        assert!(error(b"a,y\n1\n", None).contains("fields"));
        assert!(error(b"\xff\xfe", None).contains("neither"));
        let plain = samples(b"1,2,0\n3,4,1\n", None, None, None).unwrap();
        assert_eq!((plain.inputs, plain.labels), (vec![1.0, 2.0, 3.0, 4.0], vec![0, 1]));
        let apart = samples(b"1,2\n3,4\n", Some(b"y\n1\n0\n"), None, None).unwrap();
        assert_eq!((apart.inputs, apart.labels), (vec![1.0, 2.0, 3.0, 4.0], vec![1, 0]));
    }
}
