"""Two mapped classes and their tables, as many as there must be for a lazy load."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Holds the tables."""


class Author(Base):
    """Has written books."""

    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    books: Mapped[list[Book]] = relationship(back_populates="author", order_by="Book.id")


class Book(Base):
    """Was written by an author."""

    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(50))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")


ROWS = (
    (Author.__table__, [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}, {"id": 3, "name": "three"}]),
    (
        Book.__table__,
        [
            {"id": 1, "title": "first", "author_id": 1},
            {"id": 2, "title": "second", "author_id": 1},
            {"id": 3, "title": "third", "author_id": 2},
        ],
    ),
)
