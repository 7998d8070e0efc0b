//! The parts of the archive: what hangs together how, and the cells of a sheet.

use std::fmt::Write as _;

/// Characters that a cell can hold, in UTF-16 (Microsoft, "Excel specifications and limits").
const CHARACTERS: usize = 32_767;

/// What stands in a cell.
pub(super) enum Cell {
    Text(String),
    Number(u32),
}

/// A sheet: its name, and rows of which the first names the columns.
pub(super) type Sheet = (&'static str, Vec<Vec<Cell>>);

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Everything but the sheets: what is in the archive and how it hangs together.
pub(super) fn frame(sheets: &[Sheet]) -> Vec<(String, String)> {
    let (mut types, mut list, mut links) = (String::new(), String::new(), String::new());
    for (index, (name, _)) in sheets.iter().enumerate() {
        let at = index + 1;
        let _ = write!(
            types,
            "<Override PartName=\"/xl/worksheets/sheet{at}.xml\" ContentType=\"{TYPES}.worksheet+xml\"/>"
        );
        let _ = write!(list, "<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"r{at}\"/>");
        let _ = write!(
            links,
            "<Relationship Id=\"r{at}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
        );
    }
    let font = "<name val=\"Calibri\"/>";
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\"><font><sz val=\"11\"/>{font}</font><font><b/><sz val=\"11\"/>{font}</font></fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
         <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
         <cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
         <xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>"
    );
    let part = |name: &str, body: String| (name.to_owned(), format!("{HEAD}{body}"));
    vec![
        part(
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}.sheet.main+xml\"/>\
                 <Override PartName=\"/xl/styles.xml\" ContentType=\"{TYPES}.styles+xml\"/>{types}</Types>"
            ),
        ),
        part(
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">\
                 <Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        part(
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"),
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}\
                 <Relationship Id=\"styles\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        part("xl/styles.xml", styles),
    ]
}

/// One sheet with a fixed, bold first row and filters.
pub(super) fn sheet(rows: &[Vec<Cell>]) -> String {
    let mut text = format!(
        "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
         <sheetFormatPr defaultColWidth=\"22\" defaultRowHeight=\"15\"/><sheetData>"
    );
    for (number, row) in rows.iter().enumerate() {
        let at = number + 1;
        let style = if number == 0 { " s=\"1\"" } else { "" };
        let _ = write!(text, "<row r=\"{at}\">");
        for (index, cell) in row.iter().enumerate() {
            let column = column(index);
            let _ = match cell {
                Cell::Text(words) if words.is_empty() => Ok(()),
                Cell::Text(words) => write!(
                    text,
                    "<c r=\"{column}{at}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                    escaped(words)
                ),
                Cell::Number(number) => write!(text, "<c r=\"{column}{at}\"{style}><v>{number}</v></c>"),
            };
        }
        text.push_str("</row>");
    }
    let last = column(rows.first().map_or(1, Vec::len).saturating_sub(1));
    let _ = write!(text, "</sheetData><autoFilter ref=\"A1:{last}{}\"/></worksheet>", rows.len().max(1));
    text
}

/// `A` for 0, `Z` for 25, `AA` for 26.
fn column(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().collect()
}

/// Text of an element: what XML cannot hold is a space, and what a reader would take for an escape is none.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (units, letter) in text.chars().scan(0, |units, letter| {
        *units += letter.len_utf16();
        Some((*units, letter))
    }) {
        if units > CHARACTERS {
            break;
        }
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push('\n'),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    // ECMA-376 part 1, 22.9.2.19: `_x000A_` stands for a line feed, `_x005F_` for the underscore before it.
    escaped.replace("_x", "_x005F_x")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        assert_eq!([0, 25, 26, 701, 702, 16_383].map(column), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn text_cannot_leave_its_cell() {
        assert_eq!(escaped("=1<b>&\u{1b}_x000A_"), "=1&lt;b&gt;&amp; _x005F_x000A_");
        assert_eq!(escaped(&"ab".repeat(40_000)).len(), 32_767);
    }
}
