"""Create the tables of people, clinics, pets, appointments and records."""

from vetcore.migrations import op
from vetcore.migrations.initial import people_and_places, pets_and_visits, queues
from vetcore.migrations.initial.guards import POSTGRESQL, SQLITE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

VIRTUAL_TABLES = ("clinic_positions", "search_names_trigrams", "search_names")
TABLES = (
    "clinics",
    "users",
    "webhook_deliveries",
    "clinic_closures",
    "pets",
    "rooms",
    "staff_memberships",
    "veterinarians",
    "appointments",
    "pet_co_owners",
    "time_off",
    "vaccination_reminders",
    "medical_records",
    "waitlist_entries",
)


def upgrade() -> None:
    """Create everything."""
    people_and_places.clinics()
    people_and_places.users()
    queues.webhook_deliveries()
    people_and_places.clinic_closures()
    pets_and_visits.pets()
    people_and_places.rooms()
    people_and_places.staff_memberships()
    people_and_places.veterinarians()
    pets_and_visits.appointments()
    pets_and_visits.pet_co_owners()
    people_and_places.time_off()
    queues.vaccination_reminders()
    pets_and_visits.medical_records()
    queues.waitlist_entries()
    if op.get_bind().dialect.name == "postgresql":
        pets_and_visits.documents()
        pets_and_visits.no_overlaps()
        for statement in POSTGRESQL.values():
            op.execute(statement)
    else:
        for statement in SQLITE.values():
            op.execute(statement)


def downgrade() -> None:
    """Drop everything. Extensions stay, since others may use them."""
    if op.get_bind().dialect.name == "sqlite":
        for table in VIRTUAL_TABLES:
            op.drop_table(table)
    # What revision 0008 puts away on its way down.
    op.execute("DROP TABLE IF EXISTS record_archive")
    for table in reversed(TABLES):
        op.drop_table(table)
