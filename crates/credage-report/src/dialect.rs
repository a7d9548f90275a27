//! How CSV is written: as the standard has it, or as spreadsheet programs expect it.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use csv::{Terminator, Writer, WriterBuilder};

use crate::RenderError;

/// What a spreadsheet program recognises UTF-8 by. Without it, Excel reads a file in the code page of the machine, and
/// `josé` becomes `josÃ©`.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A dialect of CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Commas, and lines that end in CR LF, as RFC 4180 has it.
    #[default]
    Rfc4180,
    /// Semicolons and a byte order mark: what Excel opens by a double click wherever the comma is the decimal sign.
    Excel,
}

impl Dialect {
    /// `rfc4180` or `excel`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc4180 => "rfc4180",
            Self::Excel => "excel",
        }
    }

    /// A writer of this dialect.
    pub(crate) fn writer(self, out: &mut dyn Write) -> Result<Writer<&mut dyn Write>, RenderError> {
        let delimiter = match self {
            Self::Rfc4180 => b',',
            Self::Excel => {
                out.write_all(BYTE_ORDER_MARK)?;
                b';'
            }
        };
        Ok(WriterBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).from_writer(out))
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.trim().to_ascii_lowercase().as_str() {
            "rfc4180" => Ok(Self::Rfc4180),
            "excel" => Ok(Self::Excel),
            _ => Err(format!("`{name}` is not a dialect of CSV; the dialects are rfc4180 and excel")),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
