"""The part of the determinism lint that looks for hash order: walking a set to make a sequence."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from determinism import rules
from determinism.scopes import Scope

_Found = tuple[int, str, str]


def order_findings(scope: Scope) -> Iterator[_Found]:
    """Places in one scope where the order of a set could show in a result."""
    sets = _set_names(scope)
    settled = _settled(scope)
    for node in scope.nodes:
        if isinstance(node, ast.For) and _is_set(node.iter, sets):
            yield node.iter.lineno, "hash-order", rules.WHY_ORDER
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
            if id(node) not in settled:
                for part in node.generators:
                    if _is_set(part.iter, sets):
                        yield part.iter.lineno, "hash-order", rules.WHY_ORDER
        elif isinstance(node, ast.Call):
            yield from _call(node, sets)
        elif isinstance(node, ast.Starred) and _is_set(node.value, sets):
            if id(node) not in settled:
                yield node.lineno, "hash-order", rules.WHY_ORDER
        elif isinstance(node, ast.YieldFrom | ast.FormattedValue) and _is_set(node.value, sets):
            yield node.lineno, "hash-order", rules.WHY_ORDER
        elif isinstance(node, ast.Assign) and _is_set(node.value, sets):
            if any(isinstance(target, ast.Tuple | ast.List) for target in node.targets):
                yield node.lineno, "hash-order", rules.WHY_ORDER


def _call(node: ast.Call, sets: set[str]) -> Iterator[_Found]:
    name = _last(node.func)
    if name in rules.ORDERED and any(_is_set(argument, sets) for argument in node.args):
        yield node.lineno, "hash-order", rules.WHY_ORDER
    elif name == "pop" and isinstance(node.func, ast.Attribute) and _is_set(node.func.value, sets):
        yield node.lineno, "hash-order", rules.WHY_ORDER


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _settled(scope: Scope) -> set[int]:
    """Expressions whose order is lost or mended at once, as in sorted(x for x in a_set)."""
    found: set[int] = set()
    for node in scope.nodes:
        if isinstance(node, ast.Call) and _last(node.func) in rules.SETTLED:
            found |= {id(argument) for argument in node.args}
        elif isinstance(node, ast.Set):
            found |= {id(element) for element in node.elts}
    return found


def _set_names(scope: Scope) -> set[str]:
    """Names that hold a set, by annotation or by what is assigned to them, here or around."""
    names = _set_names(scope.parent) - scope.bound if scope.parent is not None else set[str]()
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = scope.node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if one.annotation is not None and _is_set_type(one.annotation):
                names.add(one.arg)
    for node in scope.nodes:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if _is_set_type(node.annotation):
                names.add(node.target.id)
        elif isinstance(node, ast.Assign) and _is_set(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.NamedExpr) and _is_set(node.value, names):
            names.add(node.target.id)
    return names


def _is_set_type(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Subscript):
        return _is_set_type(annotation.value)
    if isinstance(annotation, ast.BinOp):
        return _is_set_type(annotation.left) or _is_set_type(annotation.right)
    return _last(annotation) in {
        "set",
        "frozenset",
        "Set",
        "FrozenSet",
        "AbstractSet",
        "MutableSet",
    }


def _is_set(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.IfExp):
        return _is_set(node.body, names) or _is_set(node.orelse, names)
    if isinstance(node, ast.BinOp) and isinstance(
        node.op, ast.BitOr | ast.BitAnd | ast.BitXor | ast.Sub
    ):
        return any(_is_set(side, names) or _is_keys(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call):
        name = _last(node.func)
        if isinstance(node.func, ast.Attribute):
            if name in rules.SET_METHODS:
                return True
            return name == "copy" and _is_set(node.func.value, names)
        if isinstance(node.func, ast.Subscript):
            return _is_set_type(node.func)
        return name in ("set", "frozenset")
    return False


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) in ("keys", "items")
