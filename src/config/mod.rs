//! site.toml -> Config
