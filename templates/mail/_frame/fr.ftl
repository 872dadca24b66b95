# Les mots autour de chaque lettre.

hello = Bonjour { $name },
fact = { $label } : { $value }

why-integrations = Vous recevez ce message parce que vous êtes responsable des intégrations de cet établissement.
trouble = { $kind ->
    [dns] le nom d’hôte est introuvable
    [refused_address] cette adresse ne peut pas être appelée
    [connect] aucune connexion n’a pu être établie
    [tls] aucune connexion sécurisée n’a pu être établie
    [timeout_connect] la connexion n’a pas été établie dans le délai imparti
    [timeout] il n’a pas répondu dans le délai imparti
    [reset] il a coupé la connexion sans répondre
    [protocol] sa réponse n’est pas du HTTP
    [interrupted] la tentative a été interrompue de notre côté
    [gone] il a répondu 410 Gone
    [http] il a répondu { $status }
   *[other] la tentative a échoué
}
