//! Draws charts as SVG: pure functions from numbers to text.
//!
//! Widths are percentages and heights are pixels, so a chart fills a page of any width while its
//! text keeps its size. Colours come from the page's style sheet, by class. Everything a chart
//! shows is also in words, in its title and in one title on each column.

use std::fmt::Write;

use pressrun_text::html::escape_html;
use pressrun_text::numbers::group_thousands;

/// Height of the tallest column, in pixels.
const HEIGHT: f64 = 150.0;

/// Space above the columns for the highest scale label and the labels of limits, in pixels.
const ABOVE: f64 = 26.0;

/// Space below the columns for the ticks, in pixels.
const BELOW: f64 = 24.0;

/// Greatest width of a column, in per cent, so that a chart of two columns stays readable.
const WIDEST: f64 = 8.0;

/// Most ticks that fit on a large screen. Half of them are hidden on a small one.
pub const TICKS: usize = 10;

/// Columns side by side, one for each period or length.
#[derive(Debug, Clone, Default)]
pub struct ColumnChart {
    /// What the chart shows, in words.
    pub title: String,
    /// The columns, from left to right.
    pub columns: Vec<ChartColumn>,
    /// Labels below the columns.
    pub ticks: Vec<ChartTick>,
    /// Vertical lines that mark limits.
    pub limits: Vec<ChartLimit>,
}

/// A column of one or several pieces.
#[derive(Debug, Clone, Default)]
pub struct ChartColumn {
    /// What the column shows, in words.
    pub title: String,
    /// Height and class of each piece, from the bottom up.
    pub pieces: Vec<(usize, &'static str)>,
}

/// A label below the columns.
#[derive(Debug, Clone, Default)]
pub struct ChartTick {
    /// Position, in columns from the left.
    pub at: f64,
    /// Text of the label.
    pub label: String,
}

/// A vertical line at a number that matters.
#[derive(Debug, Clone, Default)]
pub struct ChartLimit {
    /// Position, in columns from the left.
    pub at: f64,
    /// What the line means.
    pub label: String,
}

impl ChartColumn {
    fn total(&self) -> usize {
        self.pieces.iter().map(|(number, _)| number).sum()
    }
}

/// Draws a column chart; returns an empty string if there are no columns.
pub fn draw_columns(chart: &ColumnChart) -> String {
    let number = chart.columns.len();
    if number == 0 {
        return String::new();
    }
    let most = chart.columns.iter().map(ChartColumn::total).max();
    let scale = ChartScale::up_to(most.unwrap_or_default());
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg class=\"columns\" role=\"img\" width=\"100%\" height=\"{}\"><title>{}</title>",
        ABOVE + HEIGHT + BELOW,
        escape_html(&chart.title)
    );
    for line in scale.lines() {
        let y = scale.y(line);
        let base = if line == 0 { " base" } else { "" };
        let _ = write!(
            svg,
            "<line class=\"grid{base}\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"
        );
    }
    let slot = 100.0 / number as f64;
    for (at, column) in chart.columns.iter().enumerate() {
        svg += &draw_column(column, at as f64 * slot, slot, &scale);
    }
    // After the columns, so that they do not cover the labels.
    for line in scale.lines().filter(|&line| line > 0) {
        let y = scale.y(line) - 4.0;
        let label = group_thousands(line);
        let _ = write!(
            svg,
            "<text class=\"scale\" x=\"0\" y=\"{y}\">{label}</text>"
        );
    }
    for limit in &chart.limits {
        svg += &draw_limit(limit, slot);
    }
    svg += &draw_ticks(&chart.ticks, slot);
    svg += "</svg>";
    svg
}

/// Draws a column between `x` and `x + slot`, in per cent.
fn draw_column(column: &ChartColumn, x: f64, slot: f64, scale: &ChartScale) -> String {
    let mut svg = format!("<g><title>{}</title>", escape_html(&column.title));
    // An invisible rectangle of full height, so that the title also appears over an empty column.
    let _ = write!(
        svg,
        "<rect class=\"room\" x=\"{}%\" width=\"{}%\" y=\"{ABOVE}\" height=\"{HEIGHT}\"/>",
        format_short(x),
        format_short(slot)
    );
    let width = (slot * 0.8).min(WIDEST);
    let mut below = 0;
    for &(number, class) in column.pieces.iter().filter(|(number, _)| *number > 0) {
        let (top, bottom) = (scale.y(below + number), scale.y(below));
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{}%\" width=\"{}%\" y=\"{}\" height=\"{}\"/>",
            format_short(x + (slot - width) / 2.0),
            format_short(width),
            format_short(top),
            format_short(bottom - top)
        );
        below += number;
    }
    svg + "</g>"
}

fn draw_limit(limit: &ChartLimit, slot: f64) -> String {
    let x = limit.at * slot;
    // The label goes to the side that has more room.
    let (anchor, shift) = if x > 50.0 { ("end", -5) } else { ("start", 5) };
    format!(
        "<g class=\"limit\"><line x1=\"{x}%\" x2=\"{x}%\" y1=\"4\" y2=\"{}\"/>\
         <text x=\"{x}%\" dx=\"{shift}\" y=\"13\" text-anchor=\"{anchor}\">{}</text></g>",
        ABOVE + HEIGHT,
        escape_html(&limit.label),
        x = format_short(x),
    )
}

/// Draws the labels below the columns, at most [`TICKS`] of them.
fn draw_ticks(ticks: &[ChartTick], slot: f64) -> String {
    // Too many labels would overlap, so only every `step`-th one is drawn.
    let step = ticks.len().div_ceil(TICKS).max(1);
    let shown: Vec<&ChartTick> = ticks.iter().step_by(step).collect();
    let mut svg = String::new();
    for (at, tick) in shown.iter().enumerate() {
        let x = tick.at * slot;
        // Align the outermost labels with the edge, so that they are not cut off.
        let anchor = match x {
            x if x < 2.0 && tick.label.len() > 3 => "start",
            x if x > 98.0 && tick.label.len() > 3 => "end",
            _ => "middle",
        };
        let minor = if shown.len() > TICKS / 2 && at % 2 == 1 {
            " minor"
        } else {
            ""
        };
        let _ = write!(
            svg,
            "<text class=\"tick{minor}\" x=\"{}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            format_short(x),
            ABOVE + HEIGHT + 17.0,
            escape_html(&tick.label)
        );
    }
    svg
}

/// Draws a bar that is filled up to `part` of `whole`. It is hidden from screen readers, because
/// the same number stands beside it as text.
pub fn draw_bar(part: usize, whole: usize) -> String {
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    format!(
        "<svg class=\"bar\" width=\"100%\" height=\"7\" aria-hidden=\"true\">\
         <rect class=\"published\" width=\"{}%\" height=\"7\"/></svg>",
        format_short(share)
    )
}

/// Draws the parts of a whole in one row; each part is a number, its name and its class.
pub fn draw_strip(parts: &[(usize, &str, &str)]) -> String {
    let whole: usize = parts.iter().map(|(number, ..)| number).sum();
    let shown: Vec<_> = parts.iter().filter(|(number, ..)| *number > 0).collect();
    let words: Vec<String> = shown
        .iter()
        .map(|(number, name, _)| format!("{} {name}", group_thousands(*number)))
        .collect();
    let mut svg = format!(
        "<svg class=\"strip\" role=\"img\" width=\"100%\" height=\"14\"><title>{}</title>",
        escape_html(&words.join(", "))
    );
    let mut x = 0.0;
    for ((number, _, class), words) in shown.iter().zip(&words) {
        let width = *number as f64 * 100.0 / whole as f64;
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{}%\" width=\"{}%\" height=\"14\"><title>{}</title></rect>",
            format_short(x),
            format_short(width),
            escape_html(words)
        );
        x += width;
    }
    svg + "</svg>"
}

/// Converts numbers of posts to pixels.
struct ChartScale {
    /// Difference between two neighbouring grid lines.
    step: usize,
    /// Number at the highest grid line.
    top: usize,
}

impl ChartScale {
    /// Returns a scale with at most four round steps that reaches at least `most`.
    fn up_to(most: usize) -> Self {
        let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_usize.pow(power)));
        // Stop before a larger power of ten could overflow.
        let step = steps
            .take_while(|step| *step < usize::MAX / 100)
            .find(|step| most.div_ceil(*step) <= 4)
            .unwrap_or(most.max(1));
        let top = most.div_ceil(step).max(1) * step;
        Self { step, top }
    }

    fn lines(&self) -> impl Iterator<Item = usize> {
        (0..=self.top).step_by(self.step)
    }

    /// Returns the distance of a number from the top of the drawing, in pixels.
    fn y(&self, number: usize) -> f64 {
        let share = number as f64 / self.top as f64;
        (ABOVE + HEIGHT * (1.0 - share)).round()
    }
}

/// Formats a number with at most two decimals and no trailing zeros.
fn format_short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(numbers: &[usize]) -> ColumnChart {
        let columns = numbers.iter().map(|&number| ChartColumn {
            title: format!("{number} <posts> & \"more\""),
            pieces: vec![(number, "published")],
        });
        ColumnChart {
            title: "<b>".to_owned(),
            columns: columns.collect(),
            ..ColumnChart::default()
        }
    }

    /// Returns every value of an attribute, in document order.
    fn attributes(svg: &str, element: &str, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(svg).unwrap();
        let elements = document.descendants();
        elements
            .filter(|node| node.is_element() && node.attribute("class") == Some(element))
            .filter_map(|node| Some(node.attribute(name)?.to_owned()))
            .collect()
    }

    #[test]
    fn scale_has_round_steps_and_room_for_the_largest() {
        for (most, step, top) in [
            (0, 1, 1),
            (1, 1, 1),
            (4, 1, 4),
            (5, 2, 6),
            (9, 5, 10),
            (17, 5, 20),
            (100, 50, 100),
            (99_999, 50_000, 100_000),
        ] {
            let scale = ChartScale::up_to(most);
            assert_eq!((scale.step, scale.top), (step, top), "{most}");
        }
        assert!(ChartScale::up_to(usize::MAX).top >= usize::MAX / 2);
    }

    #[test]
    fn columns_are_as_high_as_their_numbers() {
        let svg = draw_columns(&chart(&[0, 1, 2]));
        assert_eq!(attributes(&svg, "published", "height"), ["75", "150"]);
        assert_eq!(attributes(&svg, "room", "width"), ["33.33%"; 3]);
    }

    #[test]
    fn a_few_columns_stay_narrow() {
        let svg = draw_columns(&chart(&[1, 1]));
        assert_eq!(attributes(&svg, "published", "width"), ["8%"; 2]);
        assert_eq!(attributes(&svg, "published", "x"), ["21%", "71%"]);
        let svg = draw_columns(&chart(&[1; 20]));
        assert_eq!(attributes(&svg, "published", "width"), ["4%"; 20]);
    }

    #[test]
    fn pieces_stand_on_each_other() {
        let mut chart = chart(&[2]);
        chart.columns[0].pieces.push((2, "future"));
        let svg = draw_columns(&chart);
        assert_eq!(attributes(&svg, "published", "y"), ["101"]);
        assert_eq!(attributes(&svg, "future", "y"), ["26"]);
        assert_eq!(attributes(&svg, "future", "height"), ["75"]);
    }

    #[test]
    fn words_are_text_whatever_they_hold() {
        let mut chart = chart(&[1]);
        chart.ticks.push(ChartTick {
            at: 0.0,
            label: "<script>".to_owned(),
        });
        chart.limits.push(ChartLimit {
            at: 1.0,
            label: "a & b".to_owned(),
        });
        let svg = draw_columns(&chart);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let text: Vec<&str> = document
            .descendants()
            .filter_map(|node| node.text())
            .collect();
        for word in ["<b>", "<script>", "a & b", "1 <posts> & \"more\""] {
            assert!(text.contains(&word), "{word}: {text:?}");
        }
    }

    #[test]
    fn no_more_ticks_are_drawn_than_there_is_room_for() {
        let mut chart = chart(&[1; 40]);
        chart.ticks = (0..40)
            .map(|at| ChartTick {
                at: f64::from(at),
                label: at.to_string(),
            })
            .collect();
        let svg = draw_columns(&chart);
        assert_eq!(attributes(&svg, "tick", "x").len(), 5);
        assert_eq!(attributes(&svg, "tick minor", "x").len(), 5);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(draw_columns(&ColumnChart::default()), "");
        assert!(draw_strip(&[(0, "posts", "published")]).ends_with("</title></svg>"));
        assert!(draw_bar(0, 0).contains("width=\"0%\""));
    }

    #[test]
    fn parts_of_a_strip_fill_it() {
        let svg = draw_strip(&[
            (3, "shown", "published"),
            (0, "none", "x"),
            (1, "<", "draft"),
        ]);
        assert_eq!(attributes(&svg, "draft", "x"), ["75%"]);
        assert_eq!(attributes(&svg, "draft", "width"), ["25%"]);
        assert!(svg.contains("<title>3 shown, 1 &lt;</title>"));
    }
}
