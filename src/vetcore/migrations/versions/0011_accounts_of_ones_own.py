"""Keep accounts of one's own, and what Clerk claims."""

from vetcore.migrations.accounts import on_postgresql, on_sqlite
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. What Clerk's accounts have now is what Clerk has claimed."""
    made = on_postgresql if is_postgresql() else on_sqlite
    made.make_tables()
    execute(
        "UPDATE users SET clerk_rank = '1', clerk_email = email,"
        " clerk_email_verified = email_verified"
        " WHERE clerk_user_id IS NOT NULL AND deleted_at IS NULL AND email NOT LIKE '%.invalid'"
    )


def downgrade() -> None:
    """Take the change back."""
    if is_postgresql():
        execute("DROP INDEX ix_users_clerk_email")
        execute("DROP TABLE user_identities")
        execute("DROP TABLE api_keys")
        execute("DROP TABLE passkeys")
        execute("DROP TABLE account_links")
        execute("DROP TABLE user_sessions")
        execute("DROP TABLE user_credentials")
        execute("DROP TABLE sign_in_limits")
        execute("ALTER TABLE users DROP COLUMN clerk_rank")
        execute("ALTER TABLE users DROP COLUMN clerk_email")
        execute("ALTER TABLE users DROP COLUMN clerk_email_verified")
    else:
        execute("DROP TRIGGER ck_sign_in_limits_range_insert")
        execute("DROP TRIGGER ck_sign_in_limits_range_update")
        execute("DROP TRIGGER ck_user_credentials_range_insert")
        execute("DROP TRIGGER ck_user_credentials_range_update")
        execute("DROP TRIGGER ck_user_sessions_range_insert")
        execute("DROP TRIGGER ck_user_sessions_range_update")
        execute("DROP TRIGGER ck_account_links_range_insert")
        execute("DROP TRIGGER ck_account_links_range_update")
        execute("DROP TRIGGER ck_passkeys_range_insert")
        execute("DROP TRIGGER ck_passkeys_range_update")
        execute("DROP TRIGGER ck_api_keys_range_insert")
        execute("DROP TRIGGER ck_api_keys_range_update")
        execute("DROP TRIGGER ck_user_identities_range_insert")
        execute("DROP TRIGGER ck_user_identities_range_update")
        execute("DROP INDEX ix_sign_in_limits_until")
        execute("DROP INDEX ix_users_clerk_email")
        execute("DROP INDEX ix_user_sessions_expires_at")
        execute("DROP INDEX uq_user_sessions_token_hash")
        execute("DROP INDEX ix_user_sessions_user_id")
        execute("DROP INDEX ix_account_links_user_id")
        execute("DROP INDEX ix_account_links_expires_at")
        execute("DROP INDEX uq_account_links_token_hash")
        execute("DROP INDEX uq_passkeys_credential_id")
        execute("DROP INDEX ix_passkeys_user_id")
        execute("DROP INDEX uq_api_keys_token_hash")
        execute("DROP INDEX ix_api_keys_user_id")
        execute("DROP INDEX ix_user_identities_user_id")
        execute("DROP TABLE user_identities")
        execute("DROP TABLE api_keys")
        execute("DROP TABLE passkeys")
        execute("DROP TABLE account_links")
        execute("DROP TABLE user_sessions")
        execute("DROP TABLE user_credentials")
        execute("DROP TABLE sign_in_limits")
        rebuild(
            "users",
            """
CREATE TABLE users (
    id CHAR(32) NOT NULL,
    clerk_user_id VARCHAR(64),
    email VARCHAR(254) NOT NULL,
    email_verified BOOLEAN NOT NULL,
    phone VARCHAR(16),
    phone_verified BOOLEAN NOT NULL,
    first_name VARCHAR(200) NOT NULL,
    last_name VARCHAR(200) NOT NULL,
    role VARCHAR(32) NOT NULL,
    status VARCHAR(32) NOT NULL,
    locale VARCHAR(35) NOT NULL,
    timezone VARCHAR(64) NOT NULL,
    address JSON,
    preferences JSON DEFAULT '{}' NOT NULL,
    terms_accepted_at DATETIME,
    privacy_accepted_at DATETIME,
    marketing_accepted_at DATETIME,
    clerk_updated_at DATETIME,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_role CHECK (role IN ('pet_owner', 'receptionist', 'veterinary_technician', 'veterinarian', 'clinic_manager', 'platform_admin')),
    CONSTRAINT ck_users_status CHECK (status IN ('active', 'invited', 'suspended', 'deleted'))
)
""",
        )
