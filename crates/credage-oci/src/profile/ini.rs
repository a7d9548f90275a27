//! The INI dialect of OCI configuration files, as Python's `configparser` reads it for Oracle's SDK: sections in
//! brackets, `key = value` or `key: value`, keys without regard to case, whole-line comments with `#` or `;`, values
//! continued on deeper indented lines, no section or key twice, and DEFAULT inherited by every section.

use std::collections::BTreeMap;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ini {
    sections: BTreeMap<String, Section>,
}

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The line of its header, from 1.
    pub line: usize,
    entries: BTreeMap<String, Entry>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line that it stands on, from 1.
    pub line: usize,
    /// The value, trimmed; quotes are part of it.
    pub value: String,
}

/// What a line got wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IniError {
    /// Neither a header nor a key with a value.
    #[error("line {line} is neither `[PROFILE]` nor `key=value`{}", broken_value(before.as_ref()))]
    Malformed {
        /// The line.
        line: usize,
        /// The key of the line before, and that line: its value may have been broken there.
        before: Option<(String, usize)>,
    },
    /// A value before the first header.
    #[error("line {0} stands before the first `[PROFILE]`")]
    NoSection(usize),
    /// A section twice.
    #[error("line {line} starts the profile {name} a second time; it is already there on line {first}")]
    DuplicateSection {
        /// The second header.
        line: usize,
        /// The first one.
        first: usize,
        /// The section.
        name: String,
    },
    /// A key twice.
    #[error("line {line} sets {key} a second time; it is already there on line {first}")]
    DuplicateKey {
        /// The second value.
        line: usize,
        /// The first one.
        first: usize,
        /// The key.
        key: String,
    },
}

const DEFAULT: &str = "DEFAULT";

fn broken_value(before: Option<&(String, usize)>) -> String {
    before.map_or_else(String::new, |(key, line)| {
        format!("; if it is the rest of `{key}` on line {line}, write both on one line")
    })
}

impl Ini {
    /// Parses a file.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        let mut parser = Parser::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (place, line) in text.lines().enumerate() {
            parser.line(place + 1, line)?;
        }
        Ok(parser.ini)
    }

    /// The names of the sections; DEFAULT first.
    pub fn names(&self) -> Vec<&str> {
        let (default, others): (Vec<&str>, Vec<&str>) =
            self.sections.keys().map(String::as_str).partition(|name| *name == DEFAULT);
        default.into_iter().chain(others).collect()
    }

    /// A section by its name, which is case-sensitive.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(name)
    }

    /// A value of a section, or else of DEFAULT.
    pub fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        self.own(section, key).or_else(|| self.own(DEFAULT, key))
    }

    /// A value of a section itself.
    pub fn own(&self, section: &str, key: &str) -> Option<&Entry> {
        self.sections.get(section).and_then(|section| section.entries.get(key))
    }
}

#[derive(Default)]
struct Parser {
    ini: Ini,
    section: Option<String>,
    key: Option<String>,
    indent: usize,
}

impl Parser {
    fn line(&mut self, number: usize, raw: &str) -> Result<(), IniError> {
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = raw.len() - raw.trim_start().len();
        if indent > self.indent && self.continues(line) {
            return Ok(());
        }
        self.indent = indent;
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name)
        {
            return self.header(number, name);
        }
        let pair = line.split_once(['=', ':']).map(|(key, value)| (key.trim().to_lowercase(), value.trim()));
        let Some((key, value)) = pair.filter(|(key, _)| !key.is_empty()) else {
            return Err(IniError::Malformed { line: number, before: self.entry_on(number - 1) });
        };
        self.entry(number, key, value)
    }

    /// Whether the line goes on with the value before it.
    fn continues(&mut self, line: &str) -> bool {
        let (Some(section), Some(key)) = (&self.section, &self.key) else { return false };
        let entry = self.ini.sections.get_mut(section).and_then(|section| section.entries.get_mut(key));
        entry.is_some_and(|entry| {
            entry.value.push('\n');
            entry.value.push_str(line);
            true
        })
    }

    /// The key of the value that ends on a line.
    fn entry_on(&self, line: usize) -> Option<(String, usize)> {
        let (section, key) = (self.section.as_ref()?, self.key.as_ref()?);
        let entry = self.ini.own(section, key)?;
        let last = entry.line + entry.value.matches('\n').count();
        (last == line).then(|| (key.clone(), entry.line))
    }

    fn header(&mut self, line: usize, name: &str) -> Result<(), IniError> {
        match self.ini.sections.get(name) {
            // Of DEFAULT there may be several parts, as for the SDK's parser.
            Some(_) if name == DEFAULT => {}
            Some(first) => {
                return Err(IniError::DuplicateSection { line, first: first.line, name: name.to_owned() });
            }
            None => {
                self.ini.sections.insert(name.to_owned(), Section { line, ..Section::default() });
            }
        }
        self.section = Some(name.to_owned());
        self.key = None;
        Ok(())
    }

    fn entry(&mut self, line: usize, key: String, value: &str) -> Result<(), IniError> {
        let section = self.section.as_ref().and_then(|name| self.ini.sections.get_mut(name));
        let section = section.ok_or(IniError::NoSection(line))?;
        if let Some(first) = section.entries.get(&key) {
            return Err(IniError::DuplicateKey { line, first: first.line, key });
        }
        section.entries.insert(key.clone(), Entry { line, value: value.to_owned() });
        self.key = Some(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_read_as_the_sdk_reads_it() {
        let text = "\u{feff}# mine\n[DEFAULT]\nuser = u1\nRegion: r\n\n  ; note\n[ADMIN] ; x\n user=u2\n pass_phrase = a\n    b\n";
        let ini = Ini::parse(text).unwrap();
        assert_eq!(ini.names(), ["DEFAULT", "ADMIN"]);
        assert_eq!(ini.get("ADMIN", "user").unwrap(), &Entry { line: 8, value: "u2".to_owned() });
        assert_eq!(ini.get("ADMIN", "region").unwrap().line, 4, "inherited");
        assert_eq!(ini.get("ADMIN", "pass_phrase").unwrap().value, "a\nb");
        assert_eq!(ini.section("ADMIN").unwrap().line, 7);
        assert_eq!(ini.get("admin", "tenancy"), None);
    }

    #[test]
    fn default_may_come_in_parts() {
        let ini = Ini::parse("[DEFAULT]\nuser=1\n[A]\nregion=2\n[DEFAULT]\ntenancy=3\n").unwrap();
        assert_eq!(ini.get("A", "tenancy").unwrap().value, "3");
        assert_eq!(ini.get("A", "user").unwrap().value, "1");
    }

    #[test]
    fn mistakes_name_their_line() {
        let error = |text: &str| Ini::parse(text).unwrap_err();
        assert_eq!(error("[A]\nuser\n"), IniError::Malformed { line: 2, before: None });
        let broken = error("[A]\nuser=ocid1.\naaaa\n");
        assert!(
            broken.to_string().ends_with("if it is the rest of `user` on line 2, write both on one line")
        );
        assert_eq!(error("user=1\n"), IniError::NoSection(1));
        assert_eq!(
            error("[A]\n[B]\n[A]\n"),
            IniError::DuplicateSection { line: 3, first: 1, name: "A".to_owned() }
        );
        assert_eq!(
            error("[A]\nuser=1\nUSER=2\n"),
            IniError::DuplicateKey { line: 3, first: 2, key: "user".to_owned() }
        );
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[\\[\\]=:#; \na-z\u{feff}é]{0,200}") {
            let _ = Ini::parse(&text);
        }
    }
}
