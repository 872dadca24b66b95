# Un jeton a été trouvé à découvert et révoqué.

subject = Un jeton de { $institution } a été trouvé à découvert et révoqué
title = Un jeton a été trouvé à découvert
what = { $kind ->
    [application] On nous a signalé qu’un jeton de l’application « { $name } » de { $institution } se trouve là où d’autres peuvent le lire.
    [session] On nous a signalé que le jeton de la session « { $name } » chez { $institution } se trouve là où d’autres peuvent le lire.
   *[integration] On nous a signalé que le jeton « { $name } » de { $institution } se trouve là où d’autres peuvent le lire.
}
revoked = Il a été révoqué aussitôt, sur tous les serveurs. Tout ce qui l’utilise est refusé.

token = Nom
ends-in = Se termine par
revoked-at = Révoqué
last-used = Dernière utilisation

do = { $kind ->
    [application] Retirez-le de cet endroit. Si le secret de l’application s’y trouve aussi, remplacez-le.
    [session] Retirez-le de cet endroit et reconnectez-vous.
   *[integration] Retirez-le de cet endroit et créez un nouveau jeton pour l’intégration.
}
look = Consultez dans le journal d’audit ce qui en a été fait :

why = Vous recevez ce message parce que le jeton était le vôtre ou que vous êtes propriétaire de l’établissement.
