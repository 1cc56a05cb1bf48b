//! Terms of the IPTC vocabulary for how a text came about, and schema.org's names for them.

/// A term, and what schema.org calls it, without `DigitalSource` at its end.
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

/// Address of a term in schema.org's vocabulary; `None` for what is no term that a text can have.
pub fn schema_org(term: &str) -> Option<String> {
    let (_, name) = TERMS.iter().find(|(known, _)| *known == term)?;
    Some(format!("https://schema.org/{name}DigitalSource"))
}

/// What a key takes, at the end of a sentence.
pub(super) fn expected() -> String {
    let names: Vec<String> = TERMS.iter().map(|(term, _)| format!("`{term}`")).collect();
    format!("one of {}", names.join(", "))
}
