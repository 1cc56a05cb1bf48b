//! What a run may spend, and what it will probably spend.
//!
//! A request reserves the tokens of its prompt and of its longest answer before it is sent, and
//! settles by what the server counted. So a budget is never exceeded by what is still open.
//!
//! Not here: what time a run may take (`run`).

use pressrun_site::config::generate::TokenPrice;

use crate::journal::TokenUsage;

/// Bytes for a token, before a server has counted any.
const BYTES_PER_TOKEN: f64 = 4.0;

/// A reservation counts this many bytes for a token at first: other languages and short words have
/// more tokens than English prose.
const FEWEST_BYTES_PER_TOKEN: f64 = 2.5;

/// Tokens that a server adds around each message.
const MESSAGE_TOKENS: u64 = 16;

/// Tokens for a word of an answer, with its punctuation and its Markdown.
const TOKENS_PER_WORD: f64 = 1.5;

/// What a run may spend, and what it has spent.
#[derive(Debug, Default)]
pub struct Budget {
    max_tokens: Option<u64>,
    max_cost: Option<f64>,
    price: Option<TokenPrice>,
    spent: TokenUsage,
    reserved: TokenUsage,
    ratio: TokenRatio,
}

/// How many bytes a token has, as measured by what servers counted.
#[derive(Debug, Default)]
struct TokenRatio {
    bytes: u64,
    tokens: u64,
}

/// What one request may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    input: u64,
    output: u64,
    prompt_bytes: u64,
}

/// Whether a request fits in the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetStep {
    /// It fits.
    Fits(Reservation),
    /// It may fit after an open request has settled.
    WaitForAnswer,
    /// It does not fit.
    Exceeded,
}

impl Reservation {
    /// Returns the tokens that the request may spend.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl Budget {
    /// Makes a budget. Without limits it only counts.
    pub fn new(max_tokens: Option<u64>, max_cost: Option<f64>, price: Option<TokenPrice>) -> Self {
        Self {
            max_tokens,
            max_cost,
            price,
            ..Self::default()
        }
    }

    /// Returns what was spent so far.
    pub fn spent(&self) -> TokenUsage {
        self.spent
    }

    /// Returns what was spent so far in money, if there is a price.
    pub fn cost(&self) -> Option<f64> {
        self.price
            .map(|price| price.cost_of(self.spent.input, self.spent.output))
    }

    /// Reserves a request with a prompt of so many bytes and an answer of at most so many tokens.
    pub fn reserve(&self, prompt_bytes: usize, max_tokens: u64) -> BudgetStep {
        let prompt_bytes = prompt_bytes as u64;
        let reservation = Reservation {
            input: self.ratio.most_tokens(prompt_bytes) + MESSAGE_TOKENS,
            output: max_tokens,
            prompt_bytes,
        };
        if self.fits(reservation, self.reserved) {
            BudgetStep::Fits(reservation)
        } else if self.reserved.total() > 0 && self.fits(reservation, TokenUsage::default()) {
            BudgetStep::WaitForAnswer
        } else {
            BudgetStep::Exceeded
        }
    }

    /// Returns whether a request fits beside what was spent and what is reserved.
    fn fits(&self, reservation: Reservation, reserved: TokenUsage) -> bool {
        let input = self.spent.input + reserved.input + reservation.input;
        let output = self.spent.output + reserved.output + reservation.output;
        let cost = self.price.map_or(0.0, |price| price.cost_of(input, output));
        self.max_tokens
            .is_none_or(|most| input.saturating_add(output) <= most)
            && self.max_cost.is_none_or(|most| cost <= most)
    }

    /// Keeps a reservation until the request has settled.
    pub fn hold(&mut self, reservation: Reservation) {
        self.reserved.input += reservation.input;
        self.reserved.output += reservation.output;
    }

    /// Settles a request by what the server counted or, for an answer without a count, by an
    /// estimate. A request without an answer costs nothing. Returns what was spent.
    pub fn settle(
        &mut self,
        reservation: Reservation,
        usage: Option<TokenUsage>,
        answer_bytes: usize,
    ) -> TokenUsage {
        self.reserved.input = self.reserved.input.saturating_sub(reservation.input);
        self.reserved.output = self.reserved.output.saturating_sub(reservation.output);
        let usage = match usage {
            Some(usage) => {
                self.ratio.bytes += reservation.prompt_bytes;
                self.ratio.tokens += usage.input;
                usage
            }
            None if answer_bytes > 0 => TokenUsage {
                input: reservation.input,
                output: self
                    .ratio
                    .tokens(answer_bytes as u64)
                    .min(reservation.output),
                ..TokenUsage::default()
            },
            None => TokenUsage::default(),
        };
        self.spent.input = self.spent.input.saturating_add(usage.input);
        self.spent.output = self.spent.output.saturating_add(usage.output);
        usage
    }
}

impl TokenRatio {
    /// Returns how many tokens so many bytes probably are.
    fn tokens(&self, bytes: u64) -> u64 {
        let bytes_per_token = if self.bytes > 0 && self.tokens > 0 {
            self.bytes as f64 / self.tokens as f64
        } else {
            BYTES_PER_TOKEN
        };
        count_tokens(bytes as f64 / bytes_per_token)
    }

    /// Returns how many tokens so many bytes are at most, as far as is known.
    fn most_tokens(&self, bytes: u64) -> u64 {
        if self.bytes > 0 && self.tokens > 0 {
            // Prompts of a run differ in their topics only.
            return self.tokens(bytes) + self.tokens(bytes) / 10;
        }
        count_tokens(bytes as f64 / FEWEST_BYTES_PER_TOKEN)
    }
}

/// Rounds a number of tokens up.
#[allow(clippy::cast_sign_loss)] // it comes from lengths
fn count_tokens(number: f64) -> u64 {
    number.ceil() as u64
}

/// What a run will probably spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunEstimate {
    /// If each topic is answered at once, and briefly.
    pub low: SpendingEstimate,
    /// If answers are as long as they should be, and some need a second request.
    pub expected: SpendingEstimate,
    /// If each topic needs all that it may have.
    pub worst: SpendingEstimate,
}

/// Requests, tokens and money.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SpendingEstimate {
    /// Requests.
    pub requests: u64,
    /// Tokens of prompts.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Money, if there is a price.
    pub cost: Option<f64>,
}

/// What each topic of a run may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicNeeds {
    /// The words of an answer.
    pub words: u64,
    /// The most tokens of an answer.
    pub max_tokens: u64,
    /// Requests that continue an answer.
    pub continuations: u64,
    /// Requests that repair a header.
    pub repairs: u64,
    /// Requests with the same prompt.
    pub tries: u64,
}

/// Estimates a run from the bytes of its prompts.
pub fn estimate_run(
    prompt_bytes: &[usize],
    needs: TopicNeeds,
    price: Option<TokenPrice>,
) -> RunEstimate {
    let ratio = TokenRatio::default();
    let topics = prompt_bytes.len() as u64;
    let tokens = |bytes: &usize| ratio.tokens(*bytes as u64) + MESSAGE_TOKENS;
    let input: u64 = prompt_bytes.iter().map(tokens).sum();
    let answer = count_tokens(needs.words as f64 * TOKENS_PER_WORD).min(needs.max_tokens);
    let priced = |requests: u64, input: u64, output: u64| SpendingEstimate {
        requests,
        input,
        output,
        cost: price.map(|price| price.cost_of(input, output)),
    };
    // One topic in ten needs a second request, as was measured on local models.
    let again = topics.div_ceil(10);
    let again_input = input.checked_div(topics).unwrap_or(0) * again;
    // A continuation sends the answer so far; a failed request without an answer costs nothing, but
    // nobody knows whether a server has written one before it failed.
    let whole = 1 + needs.continuations + needs.repairs;
    let worst = whole + needs.tries.saturating_sub(1);
    let resent = needs.max_tokens * needs.continuations * (needs.continuations + 1) / 2;
    RunEstimate {
        low: priced(topics, input, topics * answer * 6 / 10),
        expected: priced(
            topics + again,
            input + again_input,
            (topics + again) * answer,
        ),
        worst: priced(
            topics * worst,
            input * worst + topics * resent,
            topics * worst * needs.max_tokens,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve(budget: &mut Budget, bytes: usize, max_tokens: u64) -> Reservation {
        match budget.reserve(bytes, max_tokens) {
            BudgetStep::Fits(reservation) => {
                budget.hold(reservation);
                reservation
            }
            step => panic!("{step:?}"),
        }
    }

    fn usage(input: u64, output: u64) -> TokenUsage {
        TokenUsage {
            input,
            output,
            ..TokenUsage::default()
        }
    }

    #[test]
    fn reservations_count_until_they_are_settled() {
        let mut budget = Budget::new(Some(10_000), None, None);
        let first = reserve(&mut budget, 1000, 6000);
        assert_eq!(budget.reserve(1000, 6000), BudgetStep::WaitForAnswer);
        budget.settle(first, Some(usage(250, 900)), 0);
        assert_eq!(budget.spent().total(), 1150);
        let second = reserve(&mut budget, 1000, 6000);
        budget.settle(second, Some(usage(250, 6000)), 0);
        assert_eq!(budget.reserve(1000, 6000), BudgetStep::Exceeded);
        assert!(budget.spent().total() <= 10_000);
    }

    #[test]
    fn request_that_never_fits_is_not_awaited() {
        let mut budget = Budget::new(Some(1000), None, None);
        reserve(&mut budget, 10, 100);
        assert_eq!(budget.reserve(10, 2000), BudgetStep::Exceeded);
    }

    #[test]
    fn cost_is_limited_by_the_price() {
        let price = TokenPrice {
            input: 1_000_000,
            output: 10_000_000,
        };
        let mut budget = Budget::new(None, Some(0.10), Some(price));
        let first = reserve(&mut budget, 100, 6000);
        assert_eq!(budget.reserve(100, 6000), BudgetStep::WaitForAnswer);
        budget.settle(first, Some(usage(1000, 1000)), 0);
        assert_eq!(budget.cost(), Some(0.011));
        assert!(matches!(budget.reserve(100, 6000), BudgetStep::Fits(_)));
    }

    #[test]
    fn request_without_an_answer_costs_nothing() {
        let mut budget = Budget::new(Some(10_000), None, None);
        let first = reserve(&mut budget, 1000, 6000);
        budget.settle(first, None, 0);
        assert_eq!(budget.spent().total(), 0);
    }

    #[test]
    fn answer_without_a_count_is_estimated() {
        let mut budget = Budget::new(None, None, None);
        let first = reserve(&mut budget, 1000, 6000);
        let spent = budget.settle(first, None, 400);
        assert_eq!((spent.input, spent.output), (416, 100));
    }

    #[test]
    fn measured_ratio_replaces_the_assumed_one() {
        let mut budget = Budget::new(None, None, None);
        let first = reserve(&mut budget, 1000, 100);
        budget.settle(first, Some(usage(500, 1)), 0);
        let second = reserve(&mut budget, 1000, 100);
        assert_eq!(second.total(), 500 + 50 + 16 + 100);
    }

    #[test]
    fn estimate_grows_from_low_to_worst() {
        let needs = TopicNeeds {
            words: 900,
            max_tokens: 6000,
            continuations: 3,
            repairs: 1,
            tries: 4,
        };
        let price = TokenPrice {
            input: 1_000_000,
            output: 2_000_000,
        };
        let run = estimate_run(&[2000; 20], needs, Some(price));
        assert_eq!(
            (run.low.requests, run.expected.requests, run.worst.requests),
            (20, 22, 160)
        );
        assert!(run.low.output < run.expected.output && run.expected.output < run.worst.output);
        assert!(run.low.cost < run.expected.cost && run.expected.cost < run.worst.cost);
        assert_eq!(run.low.input, 20 * 516);
        let nothing = estimate_run(&[], needs, None);
        assert_eq!(nothing.worst, SpendingEstimate::default());
    }
}
