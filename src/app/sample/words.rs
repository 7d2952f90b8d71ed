//! The made-up words: families in several scripts, and what settings worry about.

/// A made-up child and carer: forename, surname, carer, language of an interpreter or nothing.
pub(super) const FAMILIES: &[(&str, &str, &str, &str)] = &[
    ("Aoife", "Sample", "Niamh Sample", ""),
    ("Łucja", "Przykładowa", "Agnieszka Przykładowa", "Polish"),
    ("Тарас", "Зразковий", "Оксана Зразкова", "Ukrainian"),
    ("सीता", "नमूना", "माया नमूना", "Nepali"),
    ("نُورُ", "مِثَالِيّ", "لَيْلَى مِثَالِيّ", "Arabic"),
    ("Zoë", "Example-Test", "Chris Example-Test", ""),
    ("Kofi", "Madeup", "Ama Madeup", ""),
    ("Noor", "Specimen", "Sana Specimen", "Urdu"),
    ("Ffion", "Dychmygol", "Rhys Dychmygol", ""),
    ("José", "Ejemplo", "María Ejemplo", "Spanish"),
    ("Ines", "O'Sample", "Rui O'Sample", ""),
    ("Bartholomew-Alexander", "Featherstonehaugh-Example", "Wilhelmina Featherstonehaugh-Example", ""),
];

/// Which of the families' children are boys, and which of those who sign are fathers.
pub(super) const BOYS: [usize; 4] = [2, 6, 9, 11];
pub(super) const FATHERS: [usize; 3] = [5, 8, 10];

/// A concern, its category and its prime area.
pub(super) const CONCERNS: &[(&str, &str, &str)] = &[
    (
        "Says about ten words and does not yet put two together. Points and leads us by the hand.",
        "communication",
        "communication-language",
    ),
    (
        "Wakes five or six times a night. Very tired by mid-morning and cannot settle to play.",
        "sleep",
        "personal-social-emotional",
    ),
    ("Walks on tiptoe and falls often on the steps outside. Tires quickly.", "communication", "physical"),
    (
        "Bites and pushes when other children come close, several times a day.",
        "behaviour",
        "personal-social-emotional",
    ),
    ("Eats only three kinds of food and has lost weight since September.", "healthy-weight", "physical"),
    ("Teeth at the front are brown and brushing is a struggle at home.", "oral-health", "physical"),
];
