//! Terms of the IPTC digital source type vocabulary, and their names in schema.org.

/// Pairs of a term and its name in schema.org without the suffix `DigitalSource`.
const TERMS: [(&str, &str); 8] = [
    ("algorithmicMedia", "AlgorithmicMedia"),
    ("algorithmicallyEnhanced", "AlgorithmicallyEnhanced"),
    ("compositeSynthetic", "CompositeSynthetic"),
    (
        "compositeWithTrainedAlgorithmicMedia",
        "CompositeWithTrainedAlgorithmicMedia",
    ),
    ("dataDrivenMedia", "DataDrivenMedia"),
    ("digitalCreation", "DigitalArt"),
    ("humanEdits", "MinorHumanEdits"),
    ("trainedAlgorithmicMedia", "TrainedAlgorithmicMedia"),
];

/// Returns the address of a term in schema.org, or `None` if it is not a term for text.
pub fn schema_org_address(term: &str) -> Option<String> {
    let (_, name) = TERMS.iter().find(|(known, _)| *known == term)?;
    Some(format!("https://schema.org/{name}DigitalSource"))
}

/// Returns what the key takes, to end a sentence.
pub(super) fn describe_expected_term() -> String {
    let names: Vec<String> = TERMS.iter().map(|(term, _)| format!("`{term}`")).collect();
    format!("one of {}", names.join(", "))
}
