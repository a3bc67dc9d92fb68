import psycopg

from amends.site.postgres import database_url


def test_the_test_run_has_a_database_of_its_own():
    with psycopg.connect(database_url() or "") as connection:
        assert connection.execute("select current_user").fetchone() == ("amends",)
