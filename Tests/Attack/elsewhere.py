"""Attacks of the catalogue that other programs try, or that nothing here is open to yet."""

TRIED_ELSEWHERE = {}
