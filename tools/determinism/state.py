"""The part of the determinism lint that looks for state outside the tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from determinism import rules
from determinism.scopes import Scope

_Found = tuple[int, str, str]


def state_findings(tree: ast.Module, scopes: list[Scope]) -> Iterator[_Found]:
    """Where a function changes something that outlives its call: a module's or a class's own."""
    module = scopes[0]
    for scope in scopes:
        for node in scope.nodes:
            if isinstance(node, ast.Global):
                yield node.lineno, "global-state", rules.WHY_STATE
            elif _inside_function(scope):
                yield from _changes(node, scope, module)
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for scope in scopes:
        for node in scope.nodes:
            if _inside_function(scope) and isinstance(node, ast.Attribute):
                if isinstance(node.ctx, ast.Store) and _base(node.value) in classes - scope.bound:
                    yield node.lineno, "global-state", rules.WHY_STATE


def _inside_function(scope: Scope | None) -> bool:
    while scope is not None:
        if scope.is_function:
            return True
        scope = scope.parent
    return False


def _changes(node: ast.AST, scope: Scope, module: Scope) -> Iterator[_Found]:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        owner = node.value
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in rules.MUTATORS
    ):
        owner = node.func.value
    else:
        return
    name = _base(owner)
    if name in module.bound and _owner_of(name, scope) is module and _is_data(name, module):
        yield node.lineno, "global-state", rules.WHY_STATE


def _owner_of(name: str, scope: Scope) -> Scope | None:
    found: Scope | None = scope
    while found is not None:
        if name in found.bound:
            return found
        found = found.parent
    return None


def _is_data(name: str, module: Scope) -> bool:
    """Whether a module-level name is assigned here (an imported or defined name is not data)."""
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in module.nodes
    )


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
