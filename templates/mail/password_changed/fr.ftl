# Un mot de passe a été changé.

subject = Votre mot de passe pour { $institution } a été modifié
title = Votre mot de passe a été modifié
what = { $way ->
    [reset] Le mot de passe de votre compte chez { $institution } a été réinitialisé par le lien d’un message, le { $time }. Toutes les sessions ont été fermées.
   *[changed] Le mot de passe de votre compte chez { $institution } a été modifié le { $time }. Toutes les autres sessions ont été fermées.
}
you = Si c’était vous, il n’y a rien d’autre à faire.
not-you = Si ce n’était pas vous, choisissez sans attendre un nouveau mot de passe et prévenez un administrateur de l’établissement. Commencez ici :
why = Vous recevez ce message parce qu’il concerne votre compte.
