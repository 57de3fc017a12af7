"""Random trials, as long as one likes: ``./dev trial NAME --count N --seed S``.

A trial is a module of this package. Its docstring says what it tries, ``CI_COUNT`` how many attempts
continuous integration makes; ``prepared()`` makes what all attempts share, and
``attempt(prepared, chance)`` makes one, which ``chance`` alone decides.
"""
