//! Tables with a header: one topic a row, in the column `topic`.

use pressrun_posts::post::extra::normalise_key;

use super::{RawList, RawTopic, RawValue};

/// Reads a table whose columns are separated by one of these bytes: the first with which the header
/// has a column `topic`.
pub(super) fn read_table(text: &str, delimiters: &[u8]) -> RawList {
    let found = delimiters
        .iter()
        .find_map(|&delimiter| Some((delimiter, find_topic_column(text, delimiter)?)));
    let Some((delimiter, _)) = found else {
        return RawList::of_wrong_file(
            "its first line names no column `topic`, as in `topic,language,notes`",
        );
    };
    let mut list = RawList::default();
    let mut reader = open_table(text, delimiter);
    let names: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(_) => return list,
    };
    for row in reader.records() {
        // Texts are valid UTF-8 and rows may have any length, so there are no errors.
        let Ok(row) = row else { continue };
        let line = row.position().map_or(1, |place| place.line() as u32);
        if row.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if row.iter().skip(names.len()).any(|field| !field.is_empty()) {
            let message = format!(
                "the row has {} fields, the header {}",
                row.len(),
                names.len()
            );
            let help = "put a field that contains the separator between double quotes";
            list.report(line, message, Some(help));
            continue;
        }
        let fields = names.iter().zip(row.iter());
        list.topics.push(RawTopic {
            line,
            fields: fields
                .map(|(name, field)| (name.clone(), RawValue::Text(field.to_owned())))
                .collect(),
        });
    }
    list
}

/// Returns whether the first line of a text is the header of a table with a column `topic`.
pub(super) fn has_table_header(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    [b',', b'\t', b';'].iter().any(|&delimiter| {
        first.contains(char::from(delimiter)) && find_topic_column(first, delimiter).is_some()
    })
}

fn find_topic_column(text: &str, delimiter: u8) -> Option<usize> {
    let mut reader = open_table(text, delimiter);
    let header = reader.headers().ok()?;
    header
        .iter()
        .position(|name| normalise_key(name) == "topic")
}

fn open_table(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, check_findings, read};

    #[test]
    fn quoted_commas_and_line_breaks_belong_to_the_field() {
        check(
            "a.csv",
            "id,Topic ,notes\n1,\"Tea, green\",x\n2,\"Hot\r\nwater\",\"say \"\"hi\"\"\"\n\n,,\n3,Wine,\n",
            &["2: Tea, green", "3: Hot water", "7: Wine"],
        );
        let topics = read("a.csv", "topic,notes\nTea,\"say \"\"hi\"\"\"\n").topics;
        assert_eq!(topics[0].notes.as_deref(), Some("say \"hi\""));
    }

    #[test]
    fn separator_is_that_of_the_header() {
        check("a.csv", "topic;city\nTea, green;Rome\n", &["2: Tea, green"]);
        check(
            "a.tsv",
            "city\ttopic\nRome\tTea, green\n",
            &["2: Tea, green"],
        );
        check("-", "topic,city\nTea,Rome\n", &["2: Tea"]);
    }

    #[test]
    fn other_columns_are_kept_in_the_row() {
        let topics = read("a.csv", "topic,City,Words\nTea,Rome,700\n").topics;
        assert_eq!(topics[0].row["City"], "Rome");
        assert_eq!(topics[0].words, Some(700));
    }

    #[test]
    fn row_with_too_many_fields_is_reported() {
        check_findings(
            "a.csv",
            "topic,notes\nTea,leaves,,\nWater\nMilk, hot,x,y\n",
            &["a.csv:4: invalid-topic: the row has 4 fields, the header 2"],
        );
        check_findings(
            "a.csv",
            "subject\nTea\n",
            &["a.csv: usage: its first line names no column `topic`, as in `topic,language,notes`"],
        );
    }
}
