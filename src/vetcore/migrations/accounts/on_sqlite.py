"""The tables of accounts of one's own, on SQLite, and what Clerk claims."""

from vetcore.migrations.steps import execute

__all__ = ["make_tables"]


def make_tables() -> None:
    """Make the tables, and the columns of what Clerk claims."""
    execute("""
CREATE TABLE sign_in_limits (
    subject VARCHAR(64) NOT NULL,
    tries INTEGER NOT NULL,
    since DATETIME NOT NULL,
    until DATETIME NOT NULL,
    CONSTRAINT pk_sign_in_limits PRIMARY KEY (subject),
    CONSTRAINT ck_sign_in_limits_tries CHECK (tries > 0)
)
""")
    execute("ALTER TABLE users ADD COLUMN clerk_rank VARCHAR(48)")
    execute("ALTER TABLE users ADD COLUMN clerk_email VARCHAR(254)")
    execute("ALTER TABLE users ADD COLUMN clerk_email_verified BOOLEAN DEFAULT 0 NOT NULL")
    execute("""
CREATE TABLE user_credentials (
    user_id CHAR(32) NOT NULL,
    password_hash VARCHAR(255),
    password_set_at DATETIME,
    confirmed_at DATETIME,
    totp_secret VARCHAR(64),
    totp_confirmed_at DATETIME,
    totp_step INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_user_credentials PRIMARY KEY (user_id),
    CONSTRAINT fk_user_credentials_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
""")
    execute("""
CREATE TABLE user_sessions (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    used_at DATETIME NOT NULL,
    verified_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    ended_at DATETIME,
    second_factor BOOLEAN NOT NULL,
    address VARCHAR(64),
    agent VARCHAR(200),
    CONSTRAINT pk_user_sessions PRIMARY KEY (id),
    CONSTRAINT fk_user_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
""")
    execute("""
CREATE TABLE account_links (
    id CHAR(32) NOT NULL,
    user_id CHAR(32),
    purpose VARCHAR(32) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    email VARCHAR(254),
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at DATETIME,
    CONSTRAINT pk_account_links PRIMARY KEY (id),
    CONSTRAINT fk_account_links_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_account_links_purpose CHECK (purpose IN ('verify', 'reset', 'invite', 'passkey', 'sign_in'))
)
""")
    execute("""
CREATE TABLE passkeys (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    credential_id VARCHAR(1400) NOT NULL,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    created_at DATETIME NOT NULL,
    used_at DATETIME,
    CONSTRAINT pk_passkeys PRIMARY KEY (id),
    CONSTRAINT fk_passkeys_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
""")
    execute("""
CREATE TABLE api_keys (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    name VARCHAR(200) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    permissions TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    created_by_id CHAR(32),
    expires_at DATETIME NOT NULL,
    used_at DATETIME,
    revoked_at DATETIME,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT fk_api_keys_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
""")
    execute("""
CREATE TABLE user_identities (
    issuer VARCHAR(200) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    user_id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_user_identities PRIMARY KEY (issuer, subject),
    CONSTRAINT fk_user_identities_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)
""")
    execute("CREATE INDEX ix_sign_in_limits_until ON sign_in_limits (until)")
    execute("CREATE INDEX ix_users_clerk_email ON users (clerk_email)")
    execute("CREATE INDEX ix_user_sessions_expires_at ON user_sessions (expires_at)")
    execute("CREATE UNIQUE INDEX uq_user_sessions_token_hash ON user_sessions (token_hash)")
    execute("CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id)")
    execute("CREATE INDEX ix_account_links_user_id ON account_links (user_id)")
    execute("CREATE INDEX ix_account_links_expires_at ON account_links (expires_at)")
    execute("CREATE UNIQUE INDEX uq_account_links_token_hash ON account_links (token_hash)")
    execute("CREATE UNIQUE INDEX uq_passkeys_credential_id ON passkeys (credential_id)")
    execute("CREATE INDEX ix_passkeys_user_id ON passkeys (user_id)")
    execute("CREATE UNIQUE INDEX uq_api_keys_token_hash ON api_keys (token_hash)")
    execute("CREATE INDEX ix_api_keys_user_id ON api_keys (user_id)")
    execute("CREATE INDEX ix_user_identities_user_id ON user_identities (user_id)")
    execute("""
CREATE TRIGGER ck_sign_in_limits_range_insert BEFORE INSERT ON sign_in_limits
BEGIN
    SELECT RAISE(ABORT, 'ck_sign_in_limits_since_range') WHERE NEW.since IS NOT NULL AND NOT coalesce(typeof(NEW.since) = 'text' AND NEW.since GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.since >= '0001' AND date(substr(NEW.since, 1, 10), '+0 days') IS substr(NEW.since, 1, 10) AND (length(NEW.since) = 10 OR (substr(NEW.since, 11, 1) IN (' ', 'T') AND substr(NEW.since, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.since, 12, 2) < '24' AND instr(substr(NEW.since, 12), ' ') = 0 AND (julianday(NEW.since) IS NOT NULL OR NEW.since GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_sign_in_limits_until_range') WHERE NEW.until IS NOT NULL AND NOT coalesce(typeof(NEW.until) = 'text' AND NEW.until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.until >= '0001' AND date(substr(NEW.until, 1, 10), '+0 days') IS substr(NEW.until, 1, 10) AND (length(NEW.until) = 10 OR (substr(NEW.until, 11, 1) IN (' ', 'T') AND substr(NEW.until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.until, 12, 2) < '24' AND instr(substr(NEW.until, 12), ' ') = 0 AND (julianday(NEW.until) IS NOT NULL OR NEW.until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_sign_in_limits_range_update BEFORE UPDATE OF since, until ON sign_in_limits
BEGIN
    SELECT RAISE(ABORT, 'ck_sign_in_limits_since_range') WHERE NEW.since IS NOT NULL AND NOT coalesce(typeof(NEW.since) = 'text' AND NEW.since GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.since >= '0001' AND date(substr(NEW.since, 1, 10), '+0 days') IS substr(NEW.since, 1, 10) AND (length(NEW.since) = 10 OR (substr(NEW.since, 11, 1) IN (' ', 'T') AND substr(NEW.since, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.since, 12, 2) < '24' AND instr(substr(NEW.since, 12), ' ') = 0 AND (julianday(NEW.since) IS NOT NULL OR NEW.since GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_sign_in_limits_until_range') WHERE NEW.until IS NOT NULL AND NOT coalesce(typeof(NEW.until) = 'text' AND NEW.until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.until >= '0001' AND date(substr(NEW.until, 1, 10), '+0 days') IS substr(NEW.until, 1, 10) AND (length(NEW.until) = 10 OR (substr(NEW.until, 11, 1) IN (' ', 'T') AND substr(NEW.until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.until, 12, 2) < '24' AND instr(substr(NEW.until, 12), ' ') = 0 AND (julianday(NEW.until) IS NOT NULL OR NEW.until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_credentials_range_insert BEFORE INSERT ON user_credentials
BEGIN
    SELECT RAISE(ABORT, 'ck_user_credentials_password_set_at_range') WHERE NEW.password_set_at IS NOT NULL AND NOT coalesce(typeof(NEW.password_set_at) = 'text' AND NEW.password_set_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.password_set_at >= '0001' AND date(substr(NEW.password_set_at, 1, 10), '+0 days') IS substr(NEW.password_set_at, 1, 10) AND (length(NEW.password_set_at) = 10 OR (substr(NEW.password_set_at, 11, 1) IN (' ', 'T') AND substr(NEW.password_set_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.password_set_at, 12, 2) < '24' AND instr(substr(NEW.password_set_at, 12), ' ') = 0 AND (julianday(NEW.password_set_at) IS NOT NULL OR NEW.password_set_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_credentials_confirmed_at_range') WHERE NEW.confirmed_at IS NOT NULL AND NOT coalesce(typeof(NEW.confirmed_at) = 'text' AND NEW.confirmed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.confirmed_at >= '0001' AND date(substr(NEW.confirmed_at, 1, 10), '+0 days') IS substr(NEW.confirmed_at, 1, 10) AND (length(NEW.confirmed_at) = 10 OR (substr(NEW.confirmed_at, 11, 1) IN (' ', 'T') AND substr(NEW.confirmed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.confirmed_at, 12, 2) < '24' AND instr(substr(NEW.confirmed_at, 12), ' ') = 0 AND (julianday(NEW.confirmed_at) IS NOT NULL OR NEW.confirmed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_credentials_totp_confirmed_at_range') WHERE NEW.totp_confirmed_at IS NOT NULL AND NOT coalesce(typeof(NEW.totp_confirmed_at) = 'text' AND NEW.totp_confirmed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.totp_confirmed_at >= '0001' AND date(substr(NEW.totp_confirmed_at, 1, 10), '+0 days') IS substr(NEW.totp_confirmed_at, 1, 10) AND (length(NEW.totp_confirmed_at) = 10 OR (substr(NEW.totp_confirmed_at, 11, 1) IN (' ', 'T') AND substr(NEW.totp_confirmed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.totp_confirmed_at, 12, 2) < '24' AND instr(substr(NEW.totp_confirmed_at, 12), ' ') = 0 AND (julianday(NEW.totp_confirmed_at) IS NOT NULL OR NEW.totp_confirmed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_credentials_range_update BEFORE UPDATE OF password_set_at, confirmed_at, totp_confirmed_at ON user_credentials
BEGIN
    SELECT RAISE(ABORT, 'ck_user_credentials_password_set_at_range') WHERE NEW.password_set_at IS NOT NULL AND NOT coalesce(typeof(NEW.password_set_at) = 'text' AND NEW.password_set_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.password_set_at >= '0001' AND date(substr(NEW.password_set_at, 1, 10), '+0 days') IS substr(NEW.password_set_at, 1, 10) AND (length(NEW.password_set_at) = 10 OR (substr(NEW.password_set_at, 11, 1) IN (' ', 'T') AND substr(NEW.password_set_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.password_set_at, 12, 2) < '24' AND instr(substr(NEW.password_set_at, 12), ' ') = 0 AND (julianday(NEW.password_set_at) IS NOT NULL OR NEW.password_set_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_credentials_confirmed_at_range') WHERE NEW.confirmed_at IS NOT NULL AND NOT coalesce(typeof(NEW.confirmed_at) = 'text' AND NEW.confirmed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.confirmed_at >= '0001' AND date(substr(NEW.confirmed_at, 1, 10), '+0 days') IS substr(NEW.confirmed_at, 1, 10) AND (length(NEW.confirmed_at) = 10 OR (substr(NEW.confirmed_at, 11, 1) IN (' ', 'T') AND substr(NEW.confirmed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.confirmed_at, 12, 2) < '24' AND instr(substr(NEW.confirmed_at, 12), ' ') = 0 AND (julianday(NEW.confirmed_at) IS NOT NULL OR NEW.confirmed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_credentials_totp_confirmed_at_range') WHERE NEW.totp_confirmed_at IS NOT NULL AND NOT coalesce(typeof(NEW.totp_confirmed_at) = 'text' AND NEW.totp_confirmed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.totp_confirmed_at >= '0001' AND date(substr(NEW.totp_confirmed_at, 1, 10), '+0 days') IS substr(NEW.totp_confirmed_at, 1, 10) AND (length(NEW.totp_confirmed_at) = 10 OR (substr(NEW.totp_confirmed_at, 11, 1) IN (' ', 'T') AND substr(NEW.totp_confirmed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.totp_confirmed_at, 12, 2) < '24' AND instr(substr(NEW.totp_confirmed_at, 12), ' ') = 0 AND (julianday(NEW.totp_confirmed_at) IS NOT NULL OR NEW.totp_confirmed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_sessions_range_insert BEFORE INSERT ON user_sessions
BEGIN
    SELECT RAISE(ABORT, 'ck_user_sessions_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_verified_at_range') WHERE NEW.verified_at IS NOT NULL AND NOT coalesce(typeof(NEW.verified_at) = 'text' AND NEW.verified_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.verified_at >= '0001' AND date(substr(NEW.verified_at, 1, 10), '+0 days') IS substr(NEW.verified_at, 1, 10) AND (length(NEW.verified_at) = 10 OR (substr(NEW.verified_at, 11, 1) IN (' ', 'T') AND substr(NEW.verified_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.verified_at, 12, 2) < '24' AND instr(substr(NEW.verified_at, 12), ' ') = 0 AND (julianday(NEW.verified_at) IS NOT NULL OR NEW.verified_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_sessions_range_update BEFORE UPDATE OF created_at, used_at, verified_at, expires_at, ended_at ON user_sessions
BEGIN
    SELECT RAISE(ABORT, 'ck_user_sessions_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_verified_at_range') WHERE NEW.verified_at IS NOT NULL AND NOT coalesce(typeof(NEW.verified_at) = 'text' AND NEW.verified_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.verified_at >= '0001' AND date(substr(NEW.verified_at, 1, 10), '+0 days') IS substr(NEW.verified_at, 1, 10) AND (length(NEW.verified_at) = 10 OR (substr(NEW.verified_at, 11, 1) IN (' ', 'T') AND substr(NEW.verified_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.verified_at, 12, 2) < '24' AND instr(substr(NEW.verified_at, 12), ' ') = 0 AND (julianday(NEW.verified_at) IS NOT NULL OR NEW.verified_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_user_sessions_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_account_links_range_insert BEFORE INSERT ON account_links
BEGIN
    SELECT RAISE(ABORT, 'ck_account_links_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_account_links_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_account_links_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_account_links_range_update BEFORE UPDATE OF created_at, expires_at, used_at ON account_links
BEGIN
    SELECT RAISE(ABORT, 'ck_account_links_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_account_links_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_account_links_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_passkeys_range_insert BEFORE INSERT ON passkeys
BEGIN
    SELECT RAISE(ABORT, 'ck_passkeys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_passkeys_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_passkeys_range_update BEFORE UPDATE OF created_at, used_at ON passkeys
BEGIN
    SELECT RAISE(ABORT, 'ck_passkeys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_passkeys_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_api_keys_range_insert BEFORE INSERT ON api_keys
BEGIN
    SELECT RAISE(ABORT, 'ck_api_keys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_revoked_at_range') WHERE NEW.revoked_at IS NOT NULL AND NOT coalesce(typeof(NEW.revoked_at) = 'text' AND NEW.revoked_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.revoked_at >= '0001' AND date(substr(NEW.revoked_at, 1, 10), '+0 days') IS substr(NEW.revoked_at, 1, 10) AND (length(NEW.revoked_at) = 10 OR (substr(NEW.revoked_at, 11, 1) IN (' ', 'T') AND substr(NEW.revoked_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.revoked_at, 12, 2) < '24' AND instr(substr(NEW.revoked_at, 12), ' ') = 0 AND (julianday(NEW.revoked_at) IS NOT NULL OR NEW.revoked_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_api_keys_range_update BEFORE UPDATE OF created_at, expires_at, used_at, revoked_at ON api_keys
BEGIN
    SELECT RAISE(ABORT, 'ck_api_keys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_used_at_range') WHERE NEW.used_at IS NOT NULL AND NOT coalesce(typeof(NEW.used_at) = 'text' AND NEW.used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.used_at >= '0001' AND date(substr(NEW.used_at, 1, 10), '+0 days') IS substr(NEW.used_at, 1, 10) AND (length(NEW.used_at) = 10 OR (substr(NEW.used_at, 11, 1) IN (' ', 'T') AND substr(NEW.used_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.used_at, 12, 2) < '24' AND instr(substr(NEW.used_at, 12), ' ') = 0 AND (julianday(NEW.used_at) IS NOT NULL OR NEW.used_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_api_keys_revoked_at_range') WHERE NEW.revoked_at IS NOT NULL AND NOT coalesce(typeof(NEW.revoked_at) = 'text' AND NEW.revoked_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.revoked_at >= '0001' AND date(substr(NEW.revoked_at, 1, 10), '+0 days') IS substr(NEW.revoked_at, 1, 10) AND (length(NEW.revoked_at) = 10 OR (substr(NEW.revoked_at, 11, 1) IN (' ', 'T') AND substr(NEW.revoked_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.revoked_at, 12, 2) < '24' AND instr(substr(NEW.revoked_at, 12), ' ') = 0 AND (julianday(NEW.revoked_at) IS NOT NULL OR NEW.revoked_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_identities_range_insert BEFORE INSERT ON user_identities
BEGIN
    SELECT RAISE(ABORT, 'ck_user_identities_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_user_identities_range_update BEFORE UPDATE OF created_at ON user_identities
BEGIN
    SELECT RAISE(ABORT, 'ck_user_identities_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
