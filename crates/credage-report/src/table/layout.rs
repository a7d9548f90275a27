//! Lines that fit: wrapping, cutting, columns and colour.

use anstyle::{AnsiColor, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table};
use credage_core::Standing;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::RenderOptions;
use crate::sanitize::for_terminal;

const MIN_WIDTH: usize = 80;
/// Columns of a fact's label, with the gaps around it.
const FACT: usize = 17;

/// A page under construction.
pub(crate) struct Page {
    width: usize,
    color: bool,
    text: String,
}

/// A column: its head, its largest width, and whether it holds numbers.
pub(crate) struct Column {
    pub(crate) head: &'static str,
    pub(crate) width: usize,
    pub(crate) number: bool,
}

/// How bad it is what a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Good,
    Aside,
    Warning,
    Bad,
}

/// Where the text of a marked line begins: `problem` and two blanks.
const MARKED: usize = 9;

impl Page {
    pub(crate) fn new(options: &RenderOptions) -> Self {
        Self { width: options.width.max(MIN_WIDTH), color: options.color, text: String::new() }
    }

    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// A heading with an empty line before it.
    pub(crate) fn heading(&mut self, text: &str) {
        self.text.push('\n');
        self.styled(text, Style::new().bold(), 0);
    }

    pub(crate) fn strong(&mut self, text: &str) {
        self.styled(text, Style::new().bold(), 0);
    }

    pub(crate) fn alarm(&mut self, text: &str) {
        self.styled(text, AnsiColor::Red.on_default().bold(), 0);
    }

    pub(crate) fn faint(&mut self, text: &str) {
        self.styled(text, Style::new().dimmed(), 0);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.styled(text, Style::new(), 0);
    }

    /// A point of a list; what follows its first line stands below its text.
    pub(crate) fn point(&mut self, text: &str) {
        self.styled(&format!("- {text}"), Style::new(), 2);
    }

    /// A label and what belongs to it. Words are never cut, since ids are to be copied.
    pub(crate) fn fact(&mut self, label: &str, text: &str) {
        for (place, line) in flow(&for_terminal(text), self.width - FACT).iter().enumerate() {
            let label = if place == 0 { label } else { "" };
            self.line(&format!("  {label:<width$}{line}", width = FACT - 2), Style::new());
        }
    }

    /// A step, by its number.
    pub(crate) fn numbered(&mut self, number: usize, text: &str) {
        for (place, line) in flow(&for_terminal(text), self.width - 4).iter().enumerate() {
            let mark = if place == 0 { format!("{number}.") } else { String::new() };
            self.line(&format!("{mark:<4}{line}"), Style::new());
        }
    }

    /// A line that begins with a word for how it is, which alone is coloured.
    pub(crate) fn marked(&mut self, word: &str, mark: Mark, text: &str) {
        let style = match mark {
            Mark::Good => AnsiColor::Green.on_default(),
            Mark::Aside => Style::new().dimmed(),
            Mark::Warning => AnsiColor::Yellow.on_default().bold(),
            Mark::Bad => AnsiColor::Red.on_default().bold(),
        };
        let line = format!("{word:MARKED$}{}", for_terminal(text));
        for (place, line) in wrap(&line, self.width, MARKED).iter().enumerate() {
            match line.strip_prefix(word).filter(|_| place == 0 && self.color) {
                Some(rest) => {
                    self.text.extend([&style.render().to_string(), word, &style.render_reset().to_string()]);
                    self.line(rest, Style::new());
                }
                None => self.line(line, Style::new()),
            }
        }
    }

    /// More text below that of a marked line.
    pub(crate) fn under_mark(&mut self, text: &str) {
        for line in wrap(&for_terminal(text), self.width - MARKED, 0) {
            self.line(&format!("{:MARKED$}{line}", ""), Style::new());
        }
    }

    /// Something to copy: harmless, and on one line however long it is.
    pub(crate) fn verbatim(&mut self, text: &str) {
        let line = format!("  {}", for_terminal(text));
        self.line(&line, Style::new());
    }

    fn styled(&mut self, text: &str, style: Style, indent: usize) {
        for line in wrap(&for_terminal(text), self.width, indent) {
            self.line(&line, style);
        }
    }

    fn line(&mut self, line: &str, style: Style) {
        let line = line.trim_end();
        if self.color && style != Style::new() {
            self.text.extend([&style.render().to_string(), line, &style.render_reset().to_string()]);
        } else {
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A table whose first cell of a row may be a standing, and is coloured by it.
    pub(crate) fn table(&mut self, columns: &[Column], rows: Vec<Vec<String>>, standings: &[Standing]) {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let heads = columns.iter().map(|column| cell(column.head, column));
        table.set_header(Row::from(heads.collect::<Vec<_>>()));
        let gap = if natural_width(columns, &rows) + 2 * columns.len() > self.width + 2 { 1 } else { 2 };
        for row in rows {
            let cells = row
                .iter()
                .zip(columns)
                .map(|(text, column)| cell(&cut(&for_terminal(text), column.width), column));
            table.add_row(Row::from(cells.collect::<Vec<_>>()));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, gap));
        }
        let lines: Vec<String> = table.lines().collect();
        for (place, line) in lines.iter().enumerate() {
            let style = match place.checked_sub(1).and_then(|row| standings.get(row)) {
                Some(standing) => color_of(*standing),
                None if place == 0 => Style::new().dimmed(),
                None => Style::new(),
            };
            let line = cut(line.trim_end(), self.width);
            self.line(&line, style);
        }
    }
}

/// The width of all columns without gaps.
fn natural_width(columns: &[Column], rows: &[Vec<String>]) -> usize {
    let widest = |place: usize, column: &Column| {
        let texts = rows.iter().filter_map(|row| row.get(place)).map(|text| text.width().min(column.width));
        texts.chain([column.head.width()]).max().unwrap_or_default()
    };
    columns.iter().enumerate().map(|(place, column)| widest(place, column)).sum()
}

fn cell(text: &str, column: &Column) -> Cell {
    let alignment = if column.number { CellAlignment::Right } else { CellAlignment::Left };
    Cell::new(text).set_alignment(alignment)
}

fn color_of(standing: Standing) -> Style {
    match standing {
        Standing::Expired | Standing::Overdue => AnsiColor::Red.on_default(),
        Standing::DueSoon => AnsiColor::Yellow.on_default(),
        Standing::Unknown => AnsiColor::Magenta.on_default(),
        Standing::Waived | Standing::Fresh => Style::new(),
    }
}

/// As much of a text as fits, with `…` where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shown = String::new();
    for c in text.chars() {
        let next = c.width().unwrap_or(0);
        if shown.width() + next + 1 > width {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    shown
}

/// A text in lines of at most `width` columns, all but the first indented.
pub(super) fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let word = cut(word, width - indent);
        if !line.trim().is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            line.push_str(&word);
        } else {
            if !line.is_empty() && (lines.is_empty() || line.width() > indent) {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines.push(line);
    lines
}

/// A text in lines of at most `width` columns; a longer word has a line of its own.
fn flow(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A number with separators: `2,200`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 credential`, `2 credentials`.
pub(crate) fn plural(count: u64, one: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {one}{s}", thousands(count))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(width: usize) -> Page {
        Page::new(&RenderOptions { width, ..RenderOptions::default() })
    }

    #[test]
    fn numbers_are_read_in_groups() {
        let shown: Vec<_> = [0, 999, 1_000, 1_234_567].into_iter().map(thousands).collect();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((plural(1, "user"), plural(2, "user")), ("1 user".to_owned(), "2 users".to_owned()));
    }

    #[test]
    fn what_does_not_fit_is_cut_where_people_see_it() {
        assert_eq!(cut("credential", 10), "credential");
        assert_eq!(cut("credentials", 10), "credentia…");
        assert_eq!(cut("美咲美咲", 5), "美咲…", "wide characters take two columns");
        assert_eq!(wrap("- one two three", 9, 2), ["- one two", "  three"]);
        assert_eq!(flow("one two", 9), ["one two"]);
        assert_eq!(flow("a fingerprint b", 9), ["a", "fingerprint", "b"], "what is to be copied stays whole");
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let options = RenderOptions { width: 80, color: true, ..RenderOptions::default() };
        let mut page = Page::new(&options);
        page.alarm("NOT COMPLETE");
        let text = page.finish();
        assert!(text.contains("NOT COMPLETE") && text.contains('\u{1b}'));
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_none_obeys_the_terminal(
            texts in proptest::collection::vec(".{0,120}", 1..6), width in 80_usize..200,
        ) {
            let mut page = page(width);
            let columns = [Column { head: "A", width: 20, number: false }, Column { head: "B", width: 50, number: true }];
            page.table(&columns, texts.iter().map(|text| vec![text.clone(), text.clone()]).collect(), &[]);
            for text in &texts {
                page.marked("problem", Mark::Bad, text);
                page.under_mark(text);
                page.point(text);
            }
            let shown = page.finish();
            for line in shown.lines() {
                prop_assert!(line.width() <= width, "{} columns: {line}", line.width());
            }
            prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
