//! What can be wrong with a key, and what to do about it.

/// Why a text is no private key that can sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing in it.
    #[error("is empty; download the key again, or create one with `oci setup keys`")]
    Empty,
    /// No PEM.
    #[error("is not a private key in PEM form ({0}); it should hold a line `-----BEGIN PRIVATE KEY-----`")]
    NotPem(String),
    /// The public half.
    #[error(
        "is the public half of a key; give the private half (often the file of the same name without `_public`)"
    )]
    Public,
    /// A certificate.
    #[error("is a certificate; give the private key")]
    Certificate,
    /// OpenSSH's own form.
    #[error("is in OpenSSH's own form; make a copy and convert that with `ssh-keygen -p -m PEM -f COPY`")]
    OpenSsh,
    /// Another algorithm.
    #[error("holds a {0}, but OCI signs with RSA; create a key with `oci setup keys`")]
    NotRsa(String),
    /// Encrypted, and nothing to open it with.
    #[error("is encrypted; put its `pass_phrase` into the profile, or into OCI_CLI_PASSPHRASE")]
    PassphraseNeeded,
    /// The pass phrase does not open it.
    #[error(
        "does not open with this pass phrase; correct `pass_phrase` in the profile, or OCI_CLI_PASSPHRASE"
    )]
    WrongPassphrase,
    /// Encrypted in a way that is not known.
    #[error(
        "is encrypted in a way that is not supported ({0}); re-encrypt it with `openssl pkcs8 -topk8 -v2 aes256`"
    )]
    Unsupported(String),
    /// The cryptographic library does not take it.
    #[error("cannot be used ({0}); OCI takes RSA keys of 2048 bits and more, in PEM form")]
    Rejected(String),
}
