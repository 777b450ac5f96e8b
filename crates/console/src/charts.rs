//! Small charts, drawn by the server: a line of SVG that needs no script.

use maud::{Markup, html};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 40.0;
/// How long a line is of which only one value is known.
const ALONE: f64 = 3.0;

/// A line of values over time, with its last value and what is shown in words. What is not known interrupts the line.
pub(crate) fn sparkline(title: &str, last: &str, said: &str, values: &[Option<f64>]) -> Markup {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    html! {
        figure.spark {
            figcaption { span { (title) } strong { (last) } }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (title) ": " (said) } preserveAspectRatio="none" {
                @for line in lines(values, most) { polyline points=(line) {} }
            }
        }
    }
}

/// The points of each piece of the line that has no gap.
fn lines(values: &[Option<f64>], most: f64) -> Vec<String> {
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let scale = if most > 0.0 { (HEIGHT - 2.0) / most } else { 0.0 };
    let mut pieces: Vec<Vec<String>> = vec![Vec::new()];
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pieces.push(Vec::new());
            continue;
        };
        let (x, y) = (at as f64 * step, HEIGHT - 1.0 - value * scale);
        let is_known =
            |at: Option<usize>| at.and_then(|at| values.get(at)).is_some_and(Option::is_some);
        let is_alone = !is_known(at.checked_sub(1)) && !is_known(at.checked_add(1));
        // A line of no length would not be seen.
        let (from, to) = match is_alone {
            true => (Some((x - ALONE).max(0.0)), (x - ALONE).max(0.0) + ALONE),
            false => (None, x),
        };
        if let Some(piece) = pieces.last_mut() {
            piece.extend(from.into_iter().chain([to]).map(|x| format!("{x:.1},{y:.1}")));
        }
    }
    let drawn = pieces.into_iter().filter(|piece| !piece.is_empty());
    drawn.map(|piece| piece.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_left_to_right_and_the_largest_value_is_at_the_top() {
        let lines = lines(&[Some(0.0), Some(10.0), Some(5.0)], 10.0);
        assert_eq!(lines, ["0.0,39.0 120.0,1.0 240.0,20.0"]);
    }

    #[test]
    fn what_is_not_known_interrupts_the_line() {
        let lines = lines(&[Some(1.0), None, Some(1.0), Some(1.0)], 1.0);
        assert_eq!(lines, ["0.0,1.0 3.0,1.0", "160.0,1.0 240.0,1.0"]);
        let lines = super::lines(&[None, None, Some(1.0)], 1.0);
        assert_eq!(lines, ["237.0,1.0 240.0,1.0"], "a value alone is seen");
        assert!(super::lines(&[], 0.0).is_empty() && super::lines(&[None], 0.0).is_empty());
    }

    #[test]
    fn a_chart_says_in_words_what_it_shows() {
        let chart = sparkline("Requests", "3", "at most 7 <", &[Some(3.0)]).into_string();
        assert!(
            chart.contains("aria-label=\"Requests: at most 7 &lt;\"")
                && chart.contains("<strong>3</strong>"),
            "{chart}"
        );
    }
}
