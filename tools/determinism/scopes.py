"""Scopes of a Python file: which names a function, class or module binds itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_OPENS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


@dataclass
class Scope:
    """One body of code with the names it binds; `nodes` are its own, inner scopes' left out."""

    node: ast.AST
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    nodes: list[ast.AST] = field(default_factory=list)

    @property
    def is_function(self) -> bool:
        """Whether names bound here live for one call only."""
        return isinstance(self.node, _Function)

    def binds(self, name: str) -> bool:
        """Whether `name`, read here, is something other than a builtin.

        A class's own names count only in the class's body itself, as in Python.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound and (scope is self or not isinstance(scope.node, ast.ClassDef)):
                return True
            scope = scope.parent
        return False


def scopes_of(tree: ast.Module) -> list[Scope]:
    """Every scope of the file, the module's first."""
    scopes: list[Scope] = []
    _open(tree, None, scopes)
    return scopes


def _open(node: ast.AST, parent: Scope | None, scopes: list[Scope]) -> None:
    scope = Scope(node, parent)
    scopes.append(scope)
    if isinstance(node, _Function):
        every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        scope.bound |= {a.arg for a in (*every, node.args.vararg, node.args.kwarg) if a is not None}
    body = [node.body] if isinstance(node, ast.Lambda) else getattr(node, "body", [])
    for child in body:
        _collect(child, scope, scopes)


def _collect(node: ast.AST, scope: Scope, scopes: list[Scope]) -> None:
    scope.nodes.append(node)
    if isinstance(node, _OPENS):
        if not isinstance(node, ast.Lambda):
            scope.bound.add(node.name)
        for outer in _evaluated_outside(node):
            _collect(outer, scope, scopes)
        _open(node, scope, scopes)
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        scope.bound.add(node.id)
    elif isinstance(node, ast.alias):
        scope.bound.add((node.asname or node.name).split(".")[0])
    elif isinstance(node, ast.ExceptHandler) and node.name:
        scope.bound.add(node.name)
    for child in ast.iter_child_nodes(node):
        _collect(child, scope, scopes)


def _evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Decorators, defaults, annotations and bases belong to the scope around a definition."""
    if isinstance(node, ast.Lambda):
        return [node.args]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        returns = [node.returns] if node.returns is not None else []
        return [*node.decorator_list, node.args, *returns]
    return []
