"""The tables of accounts of one's own, on PostgreSQL, and what Clerk claims."""

from vetcore.migrations.steps import execute

__all__ = ["make_tables"]


def make_tables() -> None:  # noqa: PLR0915 -- one statement for each thing
    """Make the tables, and the columns of what Clerk claims."""
    execute("""
CREATE TABLE sign_in_limits (
    subject character varying(64) NOT NULL,
    tries integer NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
)
""")
    execute("""
CREATE TABLE user_credentials (
    user_id uuid NOT NULL,
    password_hash character varying(255),
    password_set_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    totp_secret character varying(64),
    totp_confirmed_at timestamp with time zone,
    totp_step integer DEFAULT 0 NOT NULL
)
""")
    execute("""
CREATE TABLE user_sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    verified_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    second_factor boolean NOT NULL,
    address character varying(64),
    agent character varying(200)
)
""")
    execute("""
CREATE TABLE account_links (
    id uuid NOT NULL,
    user_id uuid,
    purpose character varying(32) NOT NULL,
    token_hash character varying(64) NOT NULL,
    email character varying(254),
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
)
""")
    execute("""
CREATE TABLE passkeys (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id character varying(1400) NOT NULL,
    public_key bytea NOT NULL,
    sign_count integer NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
)
""")
    execute("""
CREATE TABLE api_keys (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name character varying(200) NOT NULL,
    token_hash character varying(64) NOT NULL,
    permissions text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id uuid,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
)
""")
    execute("""
CREATE TABLE user_identities (
    issuer character varying(200) NOT NULL,
    subject character varying(255) NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
)
""")
    execute("ALTER TABLE users ADD COLUMN clerk_rank character varying(48)")
    execute("ALTER TABLE users ADD COLUMN clerk_email character varying(254)")
    execute("ALTER TABLE users ADD COLUMN clerk_email_verified boolean DEFAULT false NOT NULL")
    execute("ALTER TABLE sign_in_limits ADD CONSTRAINT ck_sign_in_limits_tries CHECK ((tries > 0))")
    execute("ALTER TABLE sign_in_limits ADD CONSTRAINT pk_sign_in_limits PRIMARY KEY (subject)")
    execute(
        "ALTER TABLE sign_in_limits ADD CONSTRAINT ck_sign_in_limits_since_range CHECK ((((since >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (since <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(since))))"
    )
    execute(
        "ALTER TABLE sign_in_limits ADD CONSTRAINT ck_sign_in_limits_until_range CHECK ((((until >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (until <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(until))))"
    )
    execute("ALTER TABLE user_credentials ADD CONSTRAINT pk_user_credentials PRIMARY KEY (user_id)")
    execute(
        "ALTER TABLE user_credentials ADD CONSTRAINT ck_user_credentials_password_set_at_range CHECK ((((password_set_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (password_set_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(password_set_at))))"
    )
    execute(
        "ALTER TABLE user_credentials ADD CONSTRAINT ck_user_credentials_confirmed_at_range CHECK ((((confirmed_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (confirmed_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(confirmed_at))))"
    )
    execute(
        "ALTER TABLE user_credentials ADD CONSTRAINT ck_user_credentials_totp_confirmed_at_range CHECK ((((totp_confirmed_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (totp_confirmed_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(totp_confirmed_at))))"
    )
    execute("ALTER TABLE user_sessions ADD CONSTRAINT pk_user_sessions PRIMARY KEY (id)")
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT ck_user_sessions_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT ck_user_sessions_used_at_range CHECK ((((used_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (used_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(used_at))))"
    )
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT ck_user_sessions_verified_at_range CHECK ((((verified_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (verified_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(verified_at))))"
    )
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT ck_user_sessions_expires_at_range CHECK ((((expires_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (expires_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(expires_at))))"
    )
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT ck_user_sessions_ended_at_range CHECK ((((ended_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (ended_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(ended_at))))"
    )
    execute(
        "ALTER TABLE account_links ADD CONSTRAINT ck_account_links_purpose CHECK (purpose IN ('verify', 'reset', 'invite', 'passkey', 'sign_in'))"
    )
    execute("ALTER TABLE account_links ADD CONSTRAINT pk_account_links PRIMARY KEY (id)")
    execute(
        "ALTER TABLE account_links ADD CONSTRAINT ck_account_links_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE account_links ADD CONSTRAINT ck_account_links_expires_at_range CHECK ((((expires_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (expires_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(expires_at))))"
    )
    execute(
        "ALTER TABLE account_links ADD CONSTRAINT ck_account_links_used_at_range CHECK ((((used_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (used_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(used_at))))"
    )
    execute("ALTER TABLE passkeys ADD CONSTRAINT pk_passkeys PRIMARY KEY (id)")
    execute(
        "ALTER TABLE passkeys ADD CONSTRAINT ck_passkeys_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE passkeys ADD CONSTRAINT ck_passkeys_used_at_range CHECK ((((used_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (used_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(used_at))))"
    )
    execute("ALTER TABLE api_keys ADD CONSTRAINT pk_api_keys PRIMARY KEY (id)")
    execute(
        "ALTER TABLE api_keys ADD CONSTRAINT ck_api_keys_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE api_keys ADD CONSTRAINT ck_api_keys_expires_at_range CHECK ((((expires_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (expires_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(expires_at))))"
    )
    execute(
        "ALTER TABLE api_keys ADD CONSTRAINT ck_api_keys_used_at_range CHECK ((((used_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (used_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(used_at))))"
    )
    execute(
        "ALTER TABLE api_keys ADD CONSTRAINT ck_api_keys_revoked_at_range CHECK ((((revoked_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (revoked_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(revoked_at))))"
    )
    execute(
        "ALTER TABLE user_identities ADD CONSTRAINT pk_user_identities PRIMARY KEY (issuer, subject)"
    )
    execute(
        "ALTER TABLE user_identities ADD CONSTRAINT ck_user_identities_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE user_credentials ADD CONSTRAINT fk_user_credentials_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE user_sessions ADD CONSTRAINT fk_user_sessions_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE account_links ADD CONSTRAINT fk_account_links_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE passkeys ADD CONSTRAINT fk_passkeys_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE api_keys ADD CONSTRAINT fk_api_keys_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE user_identities ADD CONSTRAINT fk_user_identities_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute("CREATE INDEX ix_sign_in_limits_until ON sign_in_limits USING btree (until)")
    execute("CREATE INDEX ix_users_clerk_email ON users USING btree (clerk_email)")
    execute("CREATE INDEX ix_user_sessions_expires_at ON user_sessions USING btree (expires_at)")
    execute(
        "CREATE UNIQUE INDEX uq_user_sessions_token_hash ON user_sessions USING btree (token_hash)"
    )
    execute("CREATE INDEX ix_user_sessions_user_id ON user_sessions USING btree (user_id)")
    execute("CREATE INDEX ix_account_links_user_id ON account_links USING btree (user_id)")
    execute("CREATE INDEX ix_account_links_expires_at ON account_links USING btree (expires_at)")
    execute(
        "CREATE UNIQUE INDEX uq_account_links_token_hash ON account_links USING btree (token_hash)"
    )
    execute("CREATE UNIQUE INDEX uq_passkeys_credential_id ON passkeys USING btree (credential_id)")
    execute("CREATE INDEX ix_passkeys_user_id ON passkeys USING btree (user_id)")
    execute("CREATE UNIQUE INDEX uq_api_keys_token_hash ON api_keys USING btree (token_hash)")
    execute("CREATE INDEX ix_api_keys_user_id ON api_keys USING btree (user_id)")
    execute("CREATE INDEX ix_user_identities_user_id ON user_identities USING btree (user_id)")
