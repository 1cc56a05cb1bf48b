//! Makes files of one column that say anything about themselves.

/// A file with one column `a` of texts in one page, all of which is as stated.
pub struct Forged {
    pub rows: i64,
    /// The children that the root of the schema claims.
    pub children: i64,
    /// 3 is text, 0 to 2 are numbers.
    pub codec: i64,
    pub encoding: i64,
    pub values: i64,
    /// The size of the page without compression.
    pub size: i64,
    /// The size of the page in the file; `None` for what it is.
    pub stored: Option<i64>,
    pub page: Vec<u8>,
    /// The values that a dictionary claims, and its bytes.
    pub dictionary: Option<(i64, Vec<u8>)>,
    pub is_encrypted: bool,
    /// A path of the column in another file.
    pub other_file: Option<&'static str>,
    /// Whether the column is a list of texts.
    pub is_list: bool,
    /// Whether the column says that its bytes are text.
    pub is_stated_text: bool,
    /// The position of the column; `None` for where it is.
    pub start: Option<i64>,
    /// Bytes that stand in the footer before its end.
    pub extra: Vec<u8>,
}

/// Returns a text as pages have it.
pub fn plain(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes(), text].concat()
}

impl Default for Forged {
    fn default() -> Self {
        let page = plain(b"tea");
        Self {
            rows: 1,
            children: 1,
            codec: 0,
            encoding: 0,
            values: 1,
            size: page.len() as i64,
            stored: None,
            page,
            dictionary: None,
            is_encrypted: false,
            other_file: None,
            is_list: false,
            is_stated_text: false,
            start: None,
            extra: Vec::new(),
        }
    }
}

/// Writes the compact protocol of Thrift.
#[derive(Default)]
pub struct Thrift(pub Vec<u8>);

impl Thrift {
    pub fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub fn integer(&mut self, number: i64) {
        self.unsigned((number << 1 ^ number >> 63) as u64);
    }

    /// Writes the head of a field, `step` after the one before.
    pub fn field(&mut self, step: u8, kind: u8) {
        self.0.push(step << 4 | kind);
    }

    fn number(&mut self, step: u8, number: i64) {
        self.field(step, 6);
        self.integer(number);
    }

    fn text(&mut self, step: u8, text: &str) {
        self.field(step, 8);
        self.unsigned(text.len() as u64);
        self.0.extend(text.bytes());
    }

    fn list(&mut self, step: u8, size: u8, kind: u8) {
        self.field(step, 9);
        self.0.push(size << 4 | kind);
    }

    fn end(&mut self) {
        self.0.push(0);
    }
}

impl Forged {
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = Thrift(b"PAR1".to_vec());
        let mut data_at = 4;
        if let Some((values, dictionary)) = &self.dictionary {
            file.number(1, 2);
            file.number(1, dictionary.len() as i64);
            file.number(1, dictionary.len() as i64);
            file.field(4, 12);
            file.number(1, *values);
            file.number(1, 0);
            file.end();
            file.end();
            file.0.extend(dictionary);
            data_at = file.0.len();
        }
        file.number(1, 0);
        file.number(1, self.size);
        file.number(1, self.stored.unwrap_or(self.page.len() as i64));
        file.field(2, 12);
        for number in [self.values, self.encoding, 3, 3] {
            file.number(1, number);
        }
        file.end();
        file.end();
        file.0.extend(&self.page);
        let end = file.0.len();
        let mut footer = Thrift::default();
        self.write_footer(&mut footer, data_at as i64, (end - 4) as i64);
        file.0.extend(&footer.0);
        file.0.extend((footer.0.len() as u32).to_le_bytes());
        file.0.extend(b"PAR1");
        file.0
    }

    fn write_footer(&self, out: &mut Thrift, data_at: i64, size: i64) {
        out.number(1, 1);
        out.list(1, 2, 12);
        out.text(4, "row");
        out.number(1, self.children);
        out.end();
        // Bytes, required or repeated, `a`, text.
        out.number(1, 6);
        out.number(2, if self.is_list { 2 } else { 0 });
        out.text(1, "a");
        if self.is_stated_text {
            out.number(2, 0);
        }
        out.end();
        out.number(1, self.rows);
        out.list(1, 1, 12);
        out.list(1, 1, 12);
        let mut last = 0;
        if let Some(path) = self.other_file {
            out.text(1, path);
            last = 1;
        }
        out.number(2 - last, 0);
        out.field(1, 12);
        out.number(1, 6);
        out.list(1, 1, 5);
        out.integer(0);
        out.list(1, 1, 8);
        out.unsigned(1);
        out.0.push(b'a');
        out.number(1, self.codec);
        out.number(1, self.values);
        out.number(1, size);
        out.number(1, size);
        out.number(2, self.start.unwrap_or(data_at));
        if self.dictionary.is_some() {
            out.number(2, 4);
        }
        out.end();
        out.end();
        out.number(1, size);
        out.number(1, self.rows);
        out.end();
        if self.is_encrypted {
            out.field(4, 12);
            out.end();
        }
        out.0.extend(&self.extra);
        out.end();
    }
}
